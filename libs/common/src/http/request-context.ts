import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Log } from '../logging.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** W3C Trace Context, version 00. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What a request's log line says beside method, path, status and duration. */
type Context = { requestId: string; log: Log; operation?: string; userId?: string; reason?: string };

const contexts = new WeakMap<Response, Context>();

/** Gives every request its id, its logger and one log line at its end. */
export function requestContext(log: Log): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    const context: Context = { requestId, log: log.child({ request_id: requestId }) };
    contexts.set(res, context);
    res.setHeader('X-Request-Id', requestId);
    res.once('close', () => {
      const status = res.writableFinished ? res.statusCode : 499;
      const line = {
        method: req.method,
        operation: context.operation,
        user_id: context.userId,
        status,
        reason: context.reason,
        duration_ms: Math.round((performance.now() - startedAt) * 10) / 10,
      };
      context.log[status >= 500 ? 'error' : 'info'](line, 'request');
    });
    next();
  };
}

/** Names the operation and its caller in the request's log line. The path is left out: it may hold an address. */
export function noteOperation(res: Response, operation: string, userId?: string): void {
  const context = contextOf(res);
  context.operation = operation;
  if (userId !== undefined) context.userId = userId;
}

/** Says in the request's log line why it was refused; never with anything that the caller sent. */
export function noteReason(res: Response, reason: string): void {
  contextOf(res).reason = reason;
}

/** The request's id, as in its answer and all its log lines. */
export const requestIdOf = (res: Response): string => contextOf(res).requestId;

/** The request's logger, which puts the id into every line. */
export const logOf = (res: Response): Log => contextOf(res).log;

/** The caller's trace, when the header is well-formed. */
export function traceparentOf(req: Request): string | undefined {
  const value = req.headers.traceparent;
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;
}

function contextOf(res: Response): Context {
  const context = contexts.get(res);
  if (!context) throw new Error('requestContext must be the first handler of an app');
  return context;
}
