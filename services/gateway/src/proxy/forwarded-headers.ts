import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { TrustsProxy } from '@quartet/common/http/caller-address.ts';

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

const NOT_PASSED_UP = ['host', 'expect', 'forwarded', 'x-real-ip', 'x-request-id'];

const NOT_PASSED_DOWN = ['x-request-id'];

export function headersForUpstream(
  req: IncomingMessage,
  requestId: string,
  trusts: TrustsProxy,
): Record<string, string | string[]> {
  const forwarded = Object.keys(req.headers).filter((name) => name.startsWith('x-forwarded-'));
  const headers = without(req.headers, [...NOT_PASSED_UP, ...forwarded]);
  const { remoteAddress = '' } = req.socket;
  const peer = remoteAddress.replace(/^::ffff:/, '');
  const trusted = trusts(peer, 0);
  const claimed = (name: string): string | undefined => {
    const value = trusted ? req.headers[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const chain = claimed('x-forwarded-for');
  const ownProtocol = req.socket instanceof TLSSocket ? 'https' : 'http';
  return {
    ...headers,
    'x-request-id': requestId,
    'x-forwarded-for': chain === undefined ? peer : `${chain}, ${peer}`,
    'x-forwarded-proto': claimed('x-forwarded-proto') ?? ownProtocol,
    'x-forwarded-host': claimed('x-forwarded-host') ?? req.headers.host ?? '',
  };
}

export function headersForCaller(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return without(headers, NOT_PASSED_DOWN);
}

function without(headers: IncomingHttpHeaders, names: string[]): Record<string, string | string[]> {
  const listed = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...names, ...listed]);
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !dropped.has(name)) kept[name] = value;
  }
  return kept;
}
