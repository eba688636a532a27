import type { ServerResponse } from 'node:http';
import { contextOf } from './request-context.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends a value as JSON; `headers` replace the app's own. */
export function sendJson(
  res: ServerResponse,
  status: number,
  value: unknown,
  headers?: Record<string, string>,
): void {
  send(res, status, JSON_TYPE, JSON.stringify(value) ?? '', headers);
}

/** Sends a whole answer; `headers` replace the app's own. A string goes out in one write with its headers. */
export function send(
  res: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers?: Record<string, string>,
): void {
  const { fixed, requestId } = contextOf(res);
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const own = ['X-Request-Id', requestId, 'Content-Type', type, 'Content-Length', String(length)];
  if (headers === undefined) {
    // Node writes a list as it is; setting headers one by one costs more than the rest of an answer.
    res.writeHead(status, [...fixed.list, ...own]);
  } else {
    setFixedHeaders(res);
    for (const name in headers) res.setHeader(name, headers[name] ?? '');
    res.writeHead(status, own);
  }
  res.end(body);
}

/** Sets what every answer of the app carries, for an answer that is not sent by {@link send}. */
export function setFixedHeaders(res: ServerResponse): void {
  const { fixed, requestId } = contextOf(res);
  for (const [name, place] of fixed.places) res.setHeader(name, fixed.list[place] ?? '');
  res.setHeader('X-Request-Id', requestId);
}
