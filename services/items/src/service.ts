import { waitForTopology } from '@quartet/common/events/broker/topology.ts';
import type { SweepTiming } from '@quartet/common/events/outbox/sweep.ts';
import { registerService } from '@quartet/common/openapi/register-service.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import type { HandlersOf } from '@quartet/common/service/description.ts';
import { openOutboxes, startConsumer } from '@quartet/common/service/events.ts';
import { connectParts } from '@quartet/common/service/parts.ts';
import { serve, toService } from '@quartet/common/service/serve.ts';
import { noTelemetry, type Telemetry } from '@quartet/common/telemetry/telemetry.ts';
import { startTokenCheck } from '@quartet/common/tokens/token-check.ts';
import type { services } from '../../services.ts';
import type { ItemsConfig } from './config.ts';
import { onUserDeleted } from './events/on-user-deleted.ts';
import { openItemStore } from './item-store.ts';
import { itemRoutes, itemTags } from './routes/items.ts';

/** After this time even a slow process knows a revocation. */
const REVOCATION_SETTLED_MS = 10_000;

export async function startItems(
  config: ItemsConfig & {
    sweep?: SweepTiming | undefined;
    settleMs?: number | undefined;
    rolledOutMs?: number | undefined;
  },
  log: Log,
  telemetry: Telemetry = noTelemetry,
): Promise<Service> {
  const parts = await connectParts('items', config, log, telemetry);
  const { broker, database, signal } = parts;
  const [store] = await Promise.all([openItemStore(database.db), waitForTopology(broker, log, signal)]);
  const authorize = await startTokenCheck(config.authUrls, parts);

  const outboxes = openOutboxes(parts, store.collection);
  const { relay } = outboxes;
  parts.status.add('documents', async () => ({ name: 'items', count: await store.count() }));
  const routes = itemRoutes({ store, relay });
  const settleMs = config.settleMs ?? REVOCATION_SETTLED_MS;
  const handlers: HandlersOf<typeof services.items> = {
    'user.deleted': onUserDeleted(store, relay, settleMs),
  };

  const consumer = await startConsumer(parts, handlers, { retry: config.retry });
  const server = await serve(parts, config, { routes, authorize });
  await registerService(broker, parts.name, { routes, tags: itemTags, handlers }, signal);
  outboxes.sweep(config.sweep);
  const givingWords = store.sweepWords(log, parts.signal, config.rolledOutMs);

  return toService(parts, server, async () => {
    await Promise.all([server.drain(config.drainMs), consumer.stop()]);
    parts.endBackground();
    await Promise.all([outboxes.finish(), givingWords]);
    await parts.close();
  });
}
