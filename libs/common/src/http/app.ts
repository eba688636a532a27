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

/** The one place that knows which fault has which status. */
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

/** The status that an expected failure is answered with. */
export const statusOf = ({ fault }: AppError): number => STATUS[fault];

/** Answers 404 for what no handler before it took. */
const notFoundHandler: RequestHandler = () => {
  throw notFound('Not Found');
};

/**
 * Turns what was thrown into an answer. Only an {@link AppError} shows its text; the rest is a 500 whose cause is logged
 * and reported.
 * @param isAway tells whether an error means that a part this process leans on is away (503)
 */
function errorHandler(
  isAway: (error: unknown) => boolean,
  { tracing, reports } = noTelemetry,
): ErrorRequestHandler {
  return (thrown: unknown, _req, res, _next) => {
    // The caller has gone, or the answer has begun: there is nobody to tell.
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

/** A refusal in words for the log: of a 422 only what is wrong where, not what was sent. */
function reasonOf({ detail }: AppError): string {
  if (typeof detail === 'string') return detail;
  return detail.map(({ type, loc }) => `${type} ${loc.join('.')}`).join(', ');
}
