import type { ServerResponse } from 'node:http';
import { contextOf } from './request-context.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

type Headers = Record<string, string>;

/** Sends a value as JSON; `headers` replace the app's own. */
export function sendJson(res: ServerResponse, status: number, value: unknown, headers?: Headers): void {
  send(res, status, JSON_TYPE, JSON.stringify(value) ?? '', headers);
}

/** Sends a whole answer; `headers` replace the app's own. A string goes out in one write with its headers. */
export function send(
  res: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers?: Headers,
): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const own = headersOf(res, headers);
  own.push('Content-Type', type, 'Content-Length', String(length));
  res.writeHead(status, own);
  res.end(body);
}

/** Sends an answer without content, as a 304 is; `headers` replace the app's own. */
export function sendEmpty(res: ServerResponse, status: number, headers?: Headers): void {
  res.writeHead(status, headersOf(res, headers)).end();
}

/** Node writes a list as it is; setting headers one by one costs more than the rest of an answer. */
function headersOf(res: ServerResponse, headers: Headers = {}): string[] {
  const { fixed, requestId } = contextOf(res);
  const list = [...fixed.list, 'X-Request-Id', requestId];
  for (const name in headers) {
    const value = headers[name] ?? '';
    const place = fixed.places.get(name.toLowerCase());
    if (place === undefined) list.push(name, value);
    else list[place] = value;
  }
  return list;
}

/** Begins an answer whose body follows in parts; `more` has names and values in turn. It keeps no header in memory. */
export function sendHead(res: ServerResponse, status: number, type: string, more: readonly string[]): void {
  const { fixed, requestId } = contextOf(res);
  res.writeHead(status, [...fixed.list, 'X-Request-Id', requestId, 'Content-Type', type, ...more]);
  // Written by itself, the text of the head becomes one string, where it was many pieces.
  res.flushHeaders();
}

/** Sets what every answer of the app carries, for an answer that is not sent by {@link send}. */
export function setFixedHeaders(res: ServerResponse): void {
  const { fixed, requestId } = contextOf(res);
  for (const [name, place] of fixed.places) res.setHeader(name, fixed.list[place] ?? '');
  res.setHeader('X-Request-Id', requestId);
}
