import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Histogram } from 'prom-client';
import { type Log, withoutRedaction } from '../process/logging.ts';
import type { Metrics } from '../process/metrics.ts';
import type { Circumstances } from '../telemetry/error-reports.ts';
import { noSpan, noTracing, type Span, type TraceHeaders, type Tracing } from '../telemetry/tracing.ts';
import type { FixedHeaders } from './fixed-headers.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** W3C Trace Context defines this form (version 00). */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const FIRST_REFUSAL = 400;
const FIRST_SERVER_ERROR = 500;

type Context = {
  requestId: string;
  fixed: FixedHeaders;
  processLog: Log;
  /** It is made on first use: most requests write no other line than their last. */
  log?: Log;
  span: Span;
  operation?: string;
  route?: string;
  userId?: string;
  reason?: string;
};

const CONTEXT = Symbol('the context of a request');

type Answering = ServerResponse & { [CONTEXT]?: Context };

export type RequestInstrumentation = {
  log: Log;
  fixed: FixedHeaders;
  metrics?: HttpMetrics | undefined;
  tracing?: Tracing | undefined;
  /** The line of a request that succeeds is at level debug: the gateway has one for it already. */
  isQuiet?: boolean;
};

/** Gives every request its id, its logger, its span and one log line at its end. */
export function createRequestContext({
  log,
  fixed,
  metrics,
  tracing = noTracing,
  isQuiet = false,
}: RequestInstrumentation): (req: IncomingMessage, res: ServerResponse, run: () => void) => void {
  // The line holds nothing of a caller but its method.
  const lastLines = withoutRedaction(log);
  return (req, res, run) => {
    const startedAt = performance.now();
    metrics?.begun();
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    const span = tracing.isOn ? beginSpan(tracing, req, requestId) : noSpan;
    const context: Context = { requestId, fixed, processLog: log, span };
    (res as Answering)[CONTEXT] = context;
    const end = (): void => {
      const status = res.writableFinished ? res.statusCode : 499;
      const durationMs = performance.now() - startedAt;
      const level =
        status >= FIRST_SERVER_ERROR ? 'error' : isQuiet && status < FIRST_REFUSAL ? 'debug' : 'info';
      metrics?.ended(req.method ?? '', context.route, status, durationMs / 1000);
      span.set({ 'http.response.status_code': status });
      if (status >= FIRST_SERVER_ERROR) span.fail(String(status));
      span.end();
      if (!lastLines.isLevelEnabled(level)) return;
      const line = {
        request_id: requestId,
        method: req.method,
        operation: context.operation,
        route: context.route,
        user_id: context.userId,
        status,
        reason: context.reason,
        duration_ms: Math.round(durationMs * 10) / 10,
      };
      lastLines[level](line, 'request');
    };
    // The event comes outside the span.
    res.once('close', () => span.run(end));
    span.run(run);
  };
}

function beginSpan(tracing: Tracing, req: IncomingMessage, requestId: string): Span {
  const { method = '' } = req;
  const fields = { 'http.request.method': method, 'quartet.request_id': requestId };
  return tracing.begin(method, { kind: 'server', parent: traceHeadersOf(req), fields });
}

function traceHeadersOf({ headers }: IncomingMessage): TraceHeaders {
  const one = (value: string | string[] | undefined) => (typeof value === 'string' ? value : undefined);
  return { traceparent: one(headers.traceparent), tracestate: one(headers.tracestate) };
}

/** Adds operation and route template to log line, metrics and span; a path may hold an e-mail address. */
export function noteOperation(res: ServerResponse, operation: string, method: string, route: string): void {
  const context = contextOf(res);
  context.operation = operation;
  context.route = route;
  context.span.rename(`${method} ${route}`);
  context.span.set({ 'http.route': route });
}

/** Adds the caller to the request's log line. */
export function noteCaller(res: ServerResponse, userId: string): void {
  contextOf(res).userId = userId;
}

/** Adds the reason of a refusal to the request's log line; it must not contain input. */
export function noteReason(res: ServerResponse, reason: string): void {
  contextOf(res).reason = reason;
}

/** Returns the request's id, as in its answer and all its log lines. */
export const requestIdOf = (res: ServerResponse): string => contextOf(res).requestId;

/** Returns the request's logger, which adds the id to every line. */
export function logOf(res: ServerResponse): Log {
  const context = contextOf(res);
  context.log ??= context.processLog.child({ request_id: context.requestId });
  return context.log;
}

/** Returns what an error report may say about a request. */
export function circumstancesOf(res: ServerResponse): Circumstances {
  const { requestId, route, userId } = contextOf(res);
  return { request_id: requestId, user_id: userId, method: res.req.method ?? '', route };
}

/** Returns the trace for what this request causes: its own, else the caller's. */
export function traceparentOf(req: IncomingMessage, res: ServerResponse): string | undefined {
  const own = contextOf(res).span.headers().traceparent;
  if (own !== undefined) return own;
  const value = req.headers.traceparent;
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;
}

/** @throws {Error} outside an app's request */
export function contextOf(res: ServerResponse): Context {
  const context = (res as Answering)[CONTEXT];
  if (!context) throw new Error('the answer belongs to no request of an app');
  return context;
}

/** Route templates are labels, since every path would make a label of its own. */
export type HttpMetrics = {
  begun(): void;
  /** `route` is undefined when no route matched. */
  ended(method: string, route: string | undefined, status: number, seconds: number): void;
};

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Adds the duration of requests, and the number in progress, to a process's metrics. */
export function createHttpMetrics(metrics: Metrics): HttpMetrics {
  const duration = metrics.time(
    'http_request_duration_seconds',
    'Time from a request to the end of its answer; 499: the caller left',
    ['method', 'route', 'status'],
    BUCKETS,
  );
  let inFlight = 0;
  metrics.observe('http_requests_in_flight', 'Requests in flight', async () => inFlight);
  // Looking up a series by its labels is slow; there are few routes and statuses.
  const series = new Map<string, Map<string, Map<number, Histogram.Internal<string>>>>();

  return {
    begun() {
      inFlight += 1;
    },
    ended(method, route = 'unmatched', status, seconds) {
      inFlight -= 1;
      const known = METHODS.has(method) ? method : 'OTHER';
      const ofMethod = getOrMake(series, known, () => new Map());
      const ofRoute = getOrMake(ofMethod, route, () => new Map());
      const one = getOrMake(ofRoute, status, () => duration.labels(known, route, String(status)));
      one.observe(seconds);
    },
  };
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
