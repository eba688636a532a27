import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';
import type { FixedHeaders } from '@quartet/common/http/fixed-headers.ts';

/** These headers belong to one connection (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

const NOT_PASSED_UP = new Set([...HOP_BY_HOP, 'host', 'expect', 'forwarded', 'x-real-ip', 'x-request-id']);

const NOT_PASSED_DOWN = new Set([...HOP_BY_HOP, 'x-request-id']);

export const EXPOSED = 'access-control-expose-headers';

/** Names and values come in turn. */
export type HeaderList = string[];

export function headersForUpstream(req: IncomingMessage, requestId: string, trusts: TrustsProxy): HeaderList {
  const { headers, socket } = req;
  const list: HeaderList = [];
  const listed = listedInConnection(headers);
  for (const name in headers) {
    if (NOT_PASSED_UP.has(name) || name.startsWith('x-forwarded-') || listed?.has(name)) continue;
    add(list, name, headers[name]);
  }
  const { remoteAddress = '' } = socket;
  const peer = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice('::ffff:'.length) : remoteAddress;
  const trusted = trusts(peer, 0);
  const claimed = (name: string): string | undefined => {
    const value = trusted ? headers[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const chain = claimed('x-forwarded-for');
  const ownProtocol = socket instanceof TLSSocket ? 'https' : 'http';
  list.push(
    ...['x-request-id', requestId],
    ...['x-forwarded-for', chain === undefined ? peer : `${chain}, ${peer}`],
    ...['x-forwarded-proto', claimed('x-forwarded-proto') ?? ownProtocol],
    ...['x-forwarded-host', claimed('x-forwarded-host') ?? headers.host ?? ''],
  );
  return list;
}

/** Returns a service's headers over the gateway's own, which they replace; `Vary` and exposed names add up. */
export function headersForCaller(
  headers: IncomingHttpHeaders,
  { fixed, exposed }: { fixed: FixedHeaders; exposed?: string | undefined },
): HeaderList {
  const list = [...fixed.list];
  const listed = listedInConnection(headers);
  for (const name in headers) {
    if (NOT_PASSED_DOWN.has(name) || listed?.has(name)) continue;
    const value = headers[name];
    const place = fixed.places.get(name);
    if (place !== undefined)
      list[place] = name === 'vary' ? [list[place], value].flat().join(', ') : String(value);
    else if (name !== EXPOSED) add(list, name, value);
    // Without an allowed origin, no page reads the answer.
    else if (exposed !== undefined) list.push(name, `${exposed}, ${value}`);
  }
  return list;
}

/** Returns `headers` with those of `others` in place of their namesakes. */
export function replacing(headers: HeaderList, others: HeaderList): HeaderList {
  if (others.length === 0) return headers;
  const replaced = new Set(others.filter((_, at) => at % 2 === 0));
  const kept = headers.filter((_, at) => !replaced.has(headers[at - (at % 2)] ?? ''));
  return [...kept, ...others];
}

function add(list: HeaderList, name: string, value: string | string[] | undefined): void {
  if (typeof value === 'string') list.push(name, value);
  else for (const each of value ?? []) list.push(name, each);
}

/** Almost all callers list nothing but `keep-alive` or `close`. */
function listedInConnection({ connection }: IncomingHttpHeaders): Set<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}
