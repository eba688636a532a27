import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { AppError, type Fault, notFound, unavailable } from '../errors.ts';
import type { Log } from '../process/logging.ts';
import type { Metrics } from '../process/metrics.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { fixHeaders } from './fixed-headers.ts';
import {
  circumstancesOf,
  createHttpMetrics,
  createRequestContext,
  logOf,
  noteReason,
  requestIdOf,
} from './request-context.ts';
import { securityHeaders } from './security-headers.ts';
import { sendJson, setFixedHeaders } from './send.ts';

export const API_PREFIX = '/api/v1';

export type AppInstrumentation = {
  log: Log;
  metrics?: Metrics | undefined;
  telemetry?: Telemetry | undefined;
};

/** Answers a request; undefined means that the path is not its own. What it rejects with becomes the answer. */
export type Dispatch = (req: IncomingMessage, res: ServerResponse) => Promise<void> | undefined;

/**
 * Creates an app. Each of `dispatches` is asked in turn, without the way through Express's list of layers,
 * which costs more than most requests; `handlers` are Express's own and get what is left.
 * `isAway` recognises errors of an unavailable dependency.
 */
export function createApp(
  options: AppInstrumentation & {
    dispatches?: readonly Dispatch[];
    handlers?: [path: string, handler: RequestHandler][];
    /** Every answer has them, beside those of {@link securityHeaders}; their names are lower-case. */
    headers?: readonly [name: string, value: string][];
    isAway?: (err: unknown) => boolean;
    /** A service behind the gateway logs only what it refuses, unless its traces are on. */
    isBehindGateway?: boolean;
  },
): RequestListener {
  const { log, metrics, telemetry = noTelemetry, dispatches = [] } = options;
  const answerError = createErrorAnswer(options.isAway ?? (() => false), telemetry);
  const rest = createExpressApp(options.handlers ?? [], answerError);
  const inContext = createRequestContext({
    ...{ log, tracing: telemetry.tracing },
    fixed: fixHeaders([...securityHeaders, ...(options.headers ?? [])]),
    metrics: metrics && createHttpMetrics(metrics),
    isQuiet: options.isBehindGateway === true && !telemetry.tracing.isOn,
  });
  return (req, res) =>
    inContext(req, res, () => {
      for (const dispatch of dispatches) {
        const answering = dispatch(req, res);
        if (!answering) continue;
        answering.catch((err) => answerError(err, res));
        return;
      }
      rest(req, res);
    });
}

function createExpressApp(
  handlers: [path: string, handler: RequestHandler][],
  answerError: (err: unknown, res: ServerResponse) => void,
): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.use((_req, res, next) => {
    setFixedHeaders(res);
    next();
  });
  for (const [path, handler] of handlers) app.use(path, handler);
  app.use(notFoundHandler);
  const errorHandler: ErrorRequestHandler = (err, _req, res, _next) => answerError(err, res);
  app.use(errorHandler);
  return app;
}

/** Returns the path below `prefix`, without its query and still percent-encoded; undefined when it is not below. */
export function pathBelow(prefix: string, url: string): string | undefined {
  if (!url.startsWith(prefix)) return undefined;
  const end = url.indexOf('?', prefix.length);
  const path = url.slice(prefix.length, end < 0 ? undefined : end);
  return path === '' || path.startsWith('/') ? path : undefined;
}

const STATUS: Record<Fault, number> = {
  'bad-request': 400,
  'not-authenticated': 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'precondition-failed': 412,
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
function createErrorAnswer(isAway: (error: unknown) => boolean, { tracing, reports }: Telemetry) {
  return (thrown: unknown, res: ServerResponse): void => {
    if (res.headersSent || res.destroyed) {
      logOf(res).info({ err: thrown }, 'answer cut short');
      res.destroy();
      return;
    }
    const error = isAway(thrown) ? unavailable() : thrown;
    if (error instanceof AppError) {
      noteReason(res, reasonOf(error));
      if (error.fault === 'unavailable') logOf(res).error({ err: thrown }, 'unavailable');
      sendJson(res, statusOf(error), { detail: error.detail }, error.headers);
      return;
    }
    logOf(res).error({ err: thrown }, 'unexpected error');
    reports.report(thrown, 'error', { ...circumstancesOf(res), ...tracing.ids() });
    sendJson(res, 500, { detail: 'Internal Server Error', request_id: requestIdOf(res) });
  };
}

/** The reason of a 422 names the type and place of each fault, never the input. */
function reasonOf({ detail }: AppError): string {
  if (typeof detail === 'string') return detail;
  return detail.map(({ type, loc }) => `${type} ${loc.join('.')}`).join(', ');
}
