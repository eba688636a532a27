import { warnOfDefaultSecrets } from '@quartet/common/config/default-secrets.ts';
import { connectDatabase, isDatabaseAway } from '@quartet/common/database/database.ts';
import { connectBroker } from '@quartet/common/events/broker/broker.ts';
import { waitForTopology } from '@quartet/common/events/broker/topology.ts';
import { runConsumer } from '@quartet/common/events/consumer/consumer.ts';
import {
  countEvents,
  observeBroker,
  observeConsumer,
  observeOutbox,
} from '@quartet/common/events/event-metrics.ts';
import { createRelay } from '@quartet/common/events/outbox/relay.ts';
import { type SweepTiming, sweepOutboxes } from '@quartet/common/events/outbox/sweep.ts';
import { listen } from '@quartet/common/http/server/server.ts';
import { registerService } from '@quartet/common/openapi/register-service.ts';
import { checkParts } from '@quartet/common/process/health.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { createMetrics } from '@quartet/common/process/metrics.ts';
import { noTelemetry, type Telemetry } from '@quartet/common/telemetry/telemetry.ts';
import { startTokenCheck } from '@quartet/common/tokens/token-check.ts';
import { createItemsApp } from './app.ts';
import type { ItemsConfig } from './config.ts';
import { onUserDeleted } from './events/on-user-deleted.ts';
import { type Item, openItemStore } from './item-store.ts';
import { itemRoutes, itemTags } from './routes/items.ts';

/** Age of a revocation at which even a slow process has heard of it. */
const REVOCATION_SETTLED_MS = 10_000;

/** Starts items: wires its parts and returns once it answers. */
export async function startItems(
  config: ItemsConfig & { sweep?: SweepTiming | undefined; settleMs?: number | undefined },
  log: Log,
  telemetry: Telemetry = noTelemetry,
): Promise<Service> {
  warnOfDefaultSecrets(config.defaultSecrets, log);
  const metrics = createMetrics();
  const eventCounts = countEvents(metrics);
  const { tracing } = telemetry;
  const running = new AbortController();
  const { signal } = running;
  const [database, broker] = await Promise.all([
    connectDatabase(config.database, 'quartet-items', log, signal, { metrics, tracing }),
    connectBroker({ ...config.broker, name: 'items', log, signal, tracing }),
  ]);
  const [store] = await Promise.all([openItemStore(database.db), waitForTopology(broker, log, signal)]);
  const authorize = await startTokenCheck(config.authUrls, { broker, metrics, log, signal });

  const relay = createRelay<Item>({ collection: store.collection, broker, log, counts: eventCounts });
  const routes = itemRoutes({ store, relay });
  const settleMs = config.settleMs ?? REVOCATION_SETTLED_MS;
  const handlers = { 'user.deleted': onUserDeleted(store, relay, settleMs) };
  const consumer = await runConsumer({
    broker,
    name: 'items',
    handlers,
    log,
    retry: config.retry,
    isAway: isDatabaseAway,
    counts: eventCounts,
  });
  const server = await listen(
    createItemsApp({ log, metrics, telemetry, routes, authorize, trusts: config.trustsProxy }),
    config.host,
    config.port,
    { log, metrics, receiveWithinMs: config.receiveWithinMs },
  );
  await registerService(broker, 'items', { routes, tags: itemTags, handlers }, signal);
  const sweeping = sweepOutboxes({
    collection: store.collection,
    relay,
    broker,
    log,
    signal,
    timing: config.sweep,
  });

  observeBroker(metrics, broker);
  observeOutbox(metrics, store.collection);
  observeConsumer(metrics, broker, 'items');

  return {
    port: server.port,
    metrics: metrics.registry,
    health: () => checkParts(broker, database),
    async stop() {
      await Promise.all([server.drain(config.drainMs), consumer.stop()]);
      running.abort();
      await sweeping;
      await relay.flush();
      await broker.close();
      await database.close();
    },
  };
}
