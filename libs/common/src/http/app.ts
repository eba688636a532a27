import express, { type Express, type RequestHandler } from 'express';
import type { Log } from '../process/logging.ts';
import type { Metrics } from '../process/metrics.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { errorHandler, notFoundHandler } from './errors.ts';
import { createHttpMetrics } from './http-metrics.ts';
import { requestContext } from './request-context.ts';
import { setSecurityHeaders } from './security-headers.ts';

/** Where all routes stand. */
export const API_PREFIX = '/api/v1';

/** What an app tells of its requests, and whom. */
export type AppWatch = { log: Log; metrics?: Metrics | undefined; telemetry?: Telemetry | undefined };

/**
 * An Express app with what every service has around its routes: request id, log line, metrics, span, errors. It never
 * listens.
 * @param handlers take requests in this order; each passes on what is not its own
 * @param isAway tells whether an error means that a part the service leans on is away
 */
export function createApp(
  options: AppWatch & {
    handlers: [path: string, handler: RequestHandler][];
    isAway?: (err: unknown) => boolean;
  },
): Express {
  const { metrics, telemetry = noTelemetry } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.use(setSecurityHeaders);
  app.use(
    requestContext(options.log, {
      metrics: metrics && createHttpMetrics(metrics),
      tracing: telemetry.tracing,
    }),
  );
  for (const [path, handler] of options.handlers) app.use(path, handler);
  app.use(notFoundHandler);
  app.use(errorHandler(options.isAway ?? (() => false), telemetry));
  return app;
}
