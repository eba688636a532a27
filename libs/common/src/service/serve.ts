import type { RequestListener } from 'node:http';
import type { RequestHandler } from 'express';
import type { Database } from '../database/database.ts';
import { isDatabaseAway } from '../database/database.ts';
import { API_PREFIX, createApp } from '../http/app.ts';
import type { TrustsProxy } from '../http/caller-address.ts';
import type { Route } from '../http/routes/route.ts';
import { serveRoutes } from '../http/routes/serve-routes.ts';
import type { CallerCap } from '../http/server/connection-limits.ts';
import { type HttpServer, listen } from '../http/server/server.ts';
import { checkParts } from '../process/health.ts';
import type { Service } from '../process/lifecycle.ts';
import type { Authorize } from '../tokens/access.ts';
import type { BrokerParts } from './parts.ts';

type ServerConfig = { host: string; port: number; receiveWithinMs: number };

export type Answers = {
  routes: readonly Route[];
  authorize: Authorize;
  /** Whether an error leads to a 503; by default, when the database is unreachable. */
  isAway?: (err: unknown) => boolean;
  /** Handlers of paths outside the API. */
  beside?: [path: string, handler: RequestHandler][];
};

/** Listens with an app that serves a service's routes below `/api/v1`. */
export function serve(
  parts: BrokerParts,
  config: ServerConfig & { trustsProxy: TrustsProxy },
  { routes, authorize, isAway = isDatabaseAway, beside = [] }: Answers,
): Promise<HttpServer> {
  const dispatches = [serveRoutes(API_PREFIX, routes, authorize, config.trustsProxy)];
  return listenAs(
    parts,
    config,
    createApp({ ...parts, isAway, dispatches, handlers: beside, isBehindGateway: true }),
  );
}

/** Listens with a service's settings. */
export function listenAs(
  { log, metrics }: BrokerParts,
  { host, port, receiveWithinMs }: ServerConfig,
  app: RequestListener,
  perCaller?: CallerCap,
): Promise<HttpServer> {
  return listen(app, host, port, { log, metrics, receiveWithinMs, ...(perCaller ? { perCaller } : {}) });
}

/** Below what the gateway waits for a status. */
const STATUS_PING_MS = 800;

/** Makes a started service, which is as healthy as its broker and its database. */
export function toService(
  { metrics, broker, database, status }: BrokerParts & { database?: Database },
  { port }: HttpServer,
  stop: () => Promise<void>,
): Service {
  status.ready(() => checkParts(broker, database, STATUS_PING_MS));
  return {
    port,
    metrics: metrics.registry,
    health: () => checkParts(broker, database),
    stop() {
      status.leave();
      return stop();
    },
  };
}
