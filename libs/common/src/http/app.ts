import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { AppError, type Fault, notFound, unavailable } from '../errors.ts';
import type { Log } from '../process/logging.ts';
import type { Metrics } from '../process/metrics.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import {
  circumstancesOf,
  createHttpMetrics,
  logOf,
  noteReason,
  requestContext,
  requestIdOf,
} from './request-context.ts';
import { setSecurityHeaders } from './security-headers.ts';

export const API_PREFIX = '/api/v1';

export type AppInstrumentation = {
  log: Log;
  metrics?: Metrics | undefined;
  telemetry?: Telemetry | undefined;
};

/** Creates an Express app around `handlers`; `isAway` recognises errors of an unavailable dependency. */
export function createApp(
  options: AppInstrumentation & {
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

const STATUS: Record<Fault, number> = {
  'bad-request': 400,
  'not-authenticated': 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  invalid: 422,
  'too-many': 429,
  unavailable: 503,
};

/** Returns the HTTP status of an expected failure. */
export const statusOf = ({ fault }: AppError): number => STATUS[fault];

const notFoundHandler: RequestHandler = () => {
  throw notFound('Not Found');
};

/** Only an {@link AppError} shows its text; any other error becomes a 500 whose cause is logged. */
function errorHandler(
  isAway: (error: unknown) => boolean,
  { tracing, reports } = noTelemetry,
): ErrorRequestHandler {
  return (thrown: unknown, _req, res, _next) => {
    if (res.headersSent || res.destroyed) {
      logOf(res).info({ err: thrown }, 'answer cut short');
      res.destroy();
      return;
    }
    const error = isAway(thrown) ? unavailable() : thrown;
    if (error instanceof AppError) {
      noteReason(res, reasonOf(error));
      if (error.fault === 'unavailable') logOf(res).error({ err: thrown }, 'unavailable');
      res.status(statusOf(error)).set(error.headers).json({ detail: error.detail });
      return;
    }
    logOf(res).error({ err: thrown }, 'unexpected error');
    reports.report(thrown, 'error', { ...circumstancesOf(res), ...tracing.ids() });
    res.status(500).json({ detail: 'Internal Server Error', request_id: requestIdOf(res) });
  };
}

/** The reason of a 422 names the type and place of each fault, never the input. */
function reasonOf({ detail }: AppError): string {
  if (typeof detail === 'string') return detail;
  return detail.map(({ type, loc }) => `${type} ${loc.join('.')}`).join(', ');
}
