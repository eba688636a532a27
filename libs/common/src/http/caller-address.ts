import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import proxyAddr from 'proxy-addr';
import type { Log } from '../process/logging.ts';

/** It tells whether an address belongs to a proxy whose X-Forwarded-* headers are trusted. */
export type TrustsProxy = (address: string, hop: number) => boolean;

/** Trusts no proxy. */
export const trustsNobody: TrustsProxy = () => false;

const NOBODY = 'unknown';
/** The first 64 bits of an IPv6 address name its network (RFC 4291, 2.5.4). */
const NETWORK_WORDS = 4;
const SITE_WORDS = 3;
const WORDS = 8;

/** Finds a caller's address: the last in X-Forwarded-For of no trusted proxy, else the connection's. */
export function createAddressOf(trusts: TrustsProxy): (req: IncomingMessage, log: Log) => string {
  let isLogged = false;
  return (req, log) => {
    const peer = plainAddress(req.socket.remoteAddress ?? '');
    if (peer === undefined) return NOBODY;
    if (req.headers['x-forwarded-for'] === undefined) return peer;
    if (!trusts(peer, 0)) {
      if (!isLogged) {
        log.warn({ peer }, 'X-Forwarded-For of a proxy that is not trusted: see TRUSTED_PROXIES');
      }
      isLogged = true;
      return peer;
    }
    // proxyAddr lists the connection first, then the header's addresses from right to left.
    const hops = proxyAddr.all(req, (address, hop) => trusts(plainAddress(address) ?? address, hop));
    return hops.map(plainAddress).findLast((address) => address !== undefined) ?? peer;
  };
}

/**
 * Finds the origin (RFC 6454) by which a caller reached the API: as a trusted proxy forwards it, else the connection's.
 * What an untrusted peer forwards counts as https, the careful reading. It is empty for an invalid host.
 */
export function createOwnOrigin(trusts: TrustsProxy): (req: IncomingMessage) => string {
  return ({ headers, socket }) => {
    const peer = plainAddress(socket.remoteAddress ?? '') ?? '';
    const [proto, host] = [headers['x-forwarded-proto'], headers['x-forwarded-host']];
    const isForwarded = proto !== undefined || host !== undefined || headers['x-forwarded-for'] !== undefined;
    const own = socket instanceof TLSSocket ? 'https' : 'http';
    if (!isForwarded) return originOf(own, headers.host);
    if (!trusts(peer, 0)) return originOf('https', headers.host);
    return originOf(proto === 'http' ? 'http' : 'https', typeof host === 'string' ? host : headers.host);
  };
}

/** Returns what counts as one caller: an IPv4 address or an IPv6 /64, which one host can use whole. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  return `${wordsOf(address).slice(0, NETWORK_WORDS).join(':')}::/64`;
}

/** Returns what shares one queue: an IPv4 address or an IPv6 /48, as a home connection often has 256 /64s. */
export function siteOf(address: string): string {
  if (isIP(address) !== 6) return address;
  return `${wordsOf(address).slice(0, SITE_WORDS).join(':')}::/48`;
}

/** Removes port, brackets and zone, and maps IPv4 in IPv6 to IPv4; undefined for what is no address. */
export function plainAddress(text: string): string | undefined {
  const [bare = ''] = (/^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1')).split(
    '%',
  );
  if (isIP(bare) !== 6) return isIP(bare) === 4 ? bare : undefined;
  const words = wordsOf(bare);
  if (words.slice(0, 6).join() !== '0,0,0,0,0,ffff') return bare;
  const bytes = words.slice(6).flatMap((word) => {
    const value = Number.parseInt(word, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}

function wordsOf(address: string): string[] {
  // The URL parser writes every address in one form (RFC 5952).
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after] = written.split('::').map((part) => part.split(':').filter(Boolean));
  if (after === undefined) return [...before];
  return [...before, ...Array<string>(WORDS - before.length - after.length).fill('0'), ...after];
}

function originOf(protocol: string, host: string | undefined): string {
  const url = URL.parse(`${protocol}://${host ?? ''}`);
  return url && url.pathname === '/' && url.username === '' ? url.origin : '';
}
