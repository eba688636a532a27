import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import { hostname } from 'node:os';

const AUTHORITY = /^(?:\[([^\]%]*)\]|((?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})+))(?::(\d{0,5}))?$/i;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;
const HIGHEST_PORT = 65_535;

/** `path` is in origin form, with its query. */
export type Target = { host: string | undefined; path: string };

export type HostCheck = (host: string | undefined) => boolean;

/** Reads a request's target and Host (RFC 9112, 3.2); a string is the reason why the request is a 400. */
export function readTarget(req: IncomingMessage): Target | string {
  const { rawHeaders, httpVersion, url = '' } = req;
  const { host } = req.headers;
  if (countHosts(rawHeaders) > 1) return 'several Host headers';
  if (host === undefined && Number(httpVersion) > 1) return 'no Host header';
  if (host !== undefined && !hostOf(host)) return 'invalid Host header';
  if (url.startsWith('/')) return { host, path: url };
  const [, authority, rest = ''] = ABSOLUTE.exec(url) ?? [];
  if (authority === undefined) return { host, path: url };
  if (!hostOf(authority)) return 'invalid host in the target';
  return { host: authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/** Allows IP addresses and our own names only: by DNS rebinding, a page can point its own name at us. */
export function knownHosts(names: readonly string[]): HostCheck {
  const known = new Set(['localhost', hostname(), ...names].map(plainName));
  return (header) => {
    if (header === undefined) return true;
    const host = hostOf(header);
    if (!host || host.isIPv6) return host !== undefined;
    const name = plainName(host.name);
    return isIPv4(name) || known.has(name) || name.endsWith('.localhost');
  };
}

/** Reads `uri-host [ ":" port ]` (RFC 3986, 3.2), without brackets; undefined for any other text. */
function hostOf(text: string): { name: string; isIPv6: boolean } | undefined {
  const [, ipv6, name, port = ''] = AUTHORITY.exec(text) ?? [];
  if (Number(port) > HIGHEST_PORT) return undefined;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { name: ipv6, isIPv6: true } : undefined;
  return name === undefined ? undefined : { name, isIPv6: false };
}

const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
