import { waitForTopology } from '@quartet/common/events/broker/topology.ts';
import {
  type Registration,
  readLastDocument,
  storeLastDocument,
  watchRegistrations,
} from '@quartet/common/events/kv/service-registry.ts';
import { openTicketBucket } from '@quartet/common/events/kv/ticket-bucket.ts';
import { createStatusGatherer } from '@quartet/common/events/status/status-gatherer.ts';
import { checkParts } from '@quartet/common/process/health.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { waitFor } from '@quartet/common/process/wait-for.ts';
import { connectBrokerParts } from '@quartet/common/service/parts.ts';
import { listenAs } from '@quartet/common/service/serve.ts';
import { noTelemetry, type Telemetry } from '@quartet/common/telemetry/telemetry.ts';
import { checkRevocations } from '@quartet/common/tokens/access.ts';
import type { Caller } from '@quartet/common/tokens/caller.ts';
import { startWatchedTokenCheck } from '@quartet/common/tokens/token-check.ts';
import { createGatewayApp, ownRoutes } from './app.ts';
import type { GatewayConfig } from './config.ts';
import { type LiveSettings, type LiveUpdates, startLiveUpdates } from './live/live-updates.ts';
import { liveRoutes } from './live/routes.ts';
import { createTickets } from './live/tickets.ts';
import { createApiDocuments } from './open-api/api-documents.ts';
import { createRouteDirectory } from './routing/route-directory.ts';
import { keepOwn, type RouteOwners, routeOwners } from './routing/route-owners.ts';
import { lookUp } from './upstream/resolve-name.ts';
import { createUpstream } from './upstream/upstream.ts';

/** A page that opens and closes streams may need more than it has open. */
const TICKETS_PER_STREAM = 3;

export async function startGateway(
  config: GatewayConfig & { routeOwners?: RouteOwners | undefined; live?: Partial<LiveSettings> | undefined },
  log: Log,
  telemetry: Telemetry = noTelemetry,
): Promise<Service> {
  const parts = await connectBrokerParts('gateway', config, log, telemetry);
  const { broker, metrics, signal, status } = parts;
  await waitForTopology(broker, log, signal);
  let liveUpdates: LiveUpdates | undefined;
  const { authorize, revocations } = await startWatchedTokenCheck(config.upstreams.auth, parts, (what) =>
    liveUpdates?.revocationsChanged(what),
  );
  const recheck = (caller: Caller) => checkRevocations(caller, revocations);
  const live = await startLiveUpdates(parts, recheck, {
    ...{ perUser: config.liveConnectionsPerUser, all: config.liveConnections },
    ...config.live,
  });
  liveUpdates = live;
  const tickets = createTickets(await openTicketBucket(broker), {
    ...{
      recheck,
      log,
      now: config.live?.now,
      mostPerUser: TICKETS_PER_STREAM * config.liveConnectionsPerUser,
    },
  });
  const directory = createRouteDirectory(Object.keys(config.upstreams));
  const services = ['gateway', ...Object.keys(config.upstreams)];
  const gatherer = createStatusGatherer({ broker, services, own: status, self: 'gateway', log });
  const own = ownRoutes(services, gatherer, liveRoutes(live, tickets));
  const documents = createApiDocuments({
    title: config.projectName,
    services: Object.keys(config.upstreams),
    own,
    last: await waitFor('the bucket of routes', () => readLastDocument(broker), log, signal),
    store: (document) => storeLastDocument(broker, document),
    log,
  });
  const refused = metrics.countBy('routes_refused_total', "Registered routes that are not the service's", [
    'service',
  ]);
  const learn = (service: string, registration: Registration): void => {
    if (!Object.hasOwn(config.upstreams, service)) return;
    const { own, strange: foreign } = keepOwn(config.routeOwners ?? routeOwners, service, registration);
    for (const path of foreign) {
      refused({ service });
      log.error({ service, path }, 'a service registers a route that is not its own');
    }
    directory.update(service, own.routes);
    documents.update(service, own);
  };
  const keepDocument = async () => {
    const document = documents.openApi();
    if (document !== undefined) await storeLastDocument(broker, document.toString());
  };
  const routesStream = `KV_${broker.names.routes}`;
  broker.looks.keep(routesStream, { recreated: keepDocument }, signal).catch(() => undefined);
  await watchRegistrations(broker, learn, log, signal);

  const upstreams = Object.fromEntries(
    Object.entries(config.upstreams).map(([service, urls]) => [
      service,
      createUpstream(urls, { timeoutMs: config.upstreamTimeoutMs, lookup: lookUp, log }),
    ]),
  );
  const { projectName: title, corsOrigins, dashboard, trustsProxy: trusts } = config;
  const app = createGatewayApp({
    ...{ title, log, metrics, telemetry, directory, documents, own, upstreams, authorize },
    ...{ trusts, corsOrigins, dashboard },
  });
  const server = await listenAs(parts, config, app, { most: config.connectionsPerAddress, trusts });

  const health = async () => {
    const { notes } = await checkParts(broker);
    return {
      problems: directory.unheard().map((service) => `${service} has not told its routes yet`),
      notes,
    };
  };
  status.ready(health);

  return {
    port: server.port,
    metrics: metrics.registry,
    health,
    async stop() {
      status.leave();
      await Promise.all([server.drain(config.drainMs), live.drain(config.drainMs / 2)]);
      parts.endBackground();
      await Promise.all(Object.values(upstreams).map((upstream) => upstream.close()));
      await parts.close();
    },
  };
}
