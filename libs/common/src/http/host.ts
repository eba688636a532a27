import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import { hostname } from 'node:os';

const AUTHORITY = /^(?:\[([^\]%]*)\]|((?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})+))(?::(\d{0,5}))?$/i;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;
const HIGHEST_PORT = 65_535;

/** Whom a request is for, and what it asks there: `path` is in origin form, with its query. */
export type Target = { host: string | undefined; path: string };

/** Whether a request's Host header (RFC 9110, 7.2) is one that a page of another site cannot send. */
export type HostCheck = (host: string | undefined) => boolean;

/**
 * Reads a request's target and Host by RFC 9112, 3.2: a target may be a whole address, whose host then counts.
 * @returns a reason in words when the request is a 400
 */
export function readTarget(req: IncomingMessage): Target | string {
  const { rawHeaders, httpVersion, url = '' } = req;
  const { host } = req.headers;
  const isHost = (text: string, at: number) => at % 2 === 0 && text.length === 4 && /^host$/i.test(text);
  if (rawHeaders.filter(isHost).length > 1) return 'several Host headers';
  if (host === undefined && Number(httpVersion) > 1) return 'no Host header';
  if (host !== undefined && !hostOf(host)) return 'invalid Host header';
  const [, authority, rest = ''] = ABSOLUTE.exec(url) ?? [];
  if (authority === undefined) return { host, path: url };
  if (!hostOf(authority)) return 'invalid host in the target';
  return { host: authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}

/**
 * Tells our own names from others, for what answers without a login. By DNS rebinding a page can make its own name point
 * at this machine and then read our answers, but its name stays in the Host header. Ours are `localhost`, names below it
 * (RFC 6761), this machine's name and `names`. IP addresses, and requests without a Host (HTTP/1.0), are let in: probes
 * use them, and no page can.
 * @param names more names of ours, without a port
 */
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

/** The host of a `uri-host [ ":" port ]` (RFC 3986, 3.2), without brackets; undefined for any other text. */
function hostOf(text: string): { name: string; isIPv6: boolean } | undefined {
  const [, ipv6, name, port = ''] = AUTHORITY.exec(text) ?? [];
  if (Number(port) > HIGHEST_PORT) return undefined;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { name: ipv6, isIPv6: true } : undefined;
  return name === undefined ? undefined : { name, isIPv6: false };
}

const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
