import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

const AUTHORITY = /^(?:\[([^\]%]*)\]|((?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})+))(?::(\d{0,5}))?$/i;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;
const HIGHEST_PORT = 65_535;

/** Whom a request is for, and what it asks there: `path` is in origin form, with its query. */
export type Target = { host: string | undefined; path: string };

/**
 * Reads a request's target and Host by RFC 9112, 3.2: a target may be a whole address, whose host then counts.
 * @returns what is wrong with it in words, when the request is a 400
 */
export function readTarget(req: IncomingMessage): Target | string {
  const { rawHeaders, httpVersion, url = '' } = req;
  const { host } = req.headers;
  const isHost = (text: string, at: number) => at % 2 === 0 && text.length === 4 && /^host$/i.test(text);
  if (rawHeaders.filter(isHost).length > 1) return 'several Host headers';
  if (host === undefined && Number(httpVersion) > 1) return 'no Host header';
  if (host !== undefined && !isAuthority(host)) return 'invalid Host header';
  const [, authority, rest = ''] = ABSOLUTE.exec(url) ?? [];
  if (authority === undefined) return { host, path: url };
  if (!isAuthority(authority)) return 'invalid host in the target';
  return { host: authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}

/** Whether a text is the `uri-host [ ":" port ]` of a service: RFC 3986, 3.2, with a host, and without a user. */
function isAuthority(text: string): boolean {
  const parts = AUTHORITY.exec(text);
  if (!parts) return false;
  const [, ipv6, , port = ''] = parts;
  return (ipv6 === undefined || isIPv6(ipv6)) && Number(port) <= HIGHEST_PORT;
}
