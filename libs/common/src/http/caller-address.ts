import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';
import type { Log } from '../process/logging.ts';

/** Whether an address belongs to a proxy whose X-Forwarded-* headers are believed. */
export type TrustsProxy = (address: string, hop: number) => boolean;

/** Trusts no proxy. */
export const trustsNobody: TrustsProxy = () => false;

const NOBODY = 'unknown';
/** Words of an IPv6 address that name a network; the rest is the host's own choice (RFC 4291, 2.5.4). */
const NETWORK_WORDS = 4;
const SITE_WORDS = 3;
const WORDS = 8;

/**
 * Finds callers’ addresses: the connection’s, or, when that is a trusted proxy’s, the last address in X-Forwarded-For that
 * is not a trusted proxy’s. An entry that is no address counts as the proxy that wrote it. IPv4 in IPv6 is IPv4.
 * The first X-Forwarded-For of an untrusted proxy is logged: all callers behind it count as one.
 */
export function createAddressOf(trusts: TrustsProxy): (req: IncomingMessage, log: Log) => string {
  let isSaid = false;
  return (req, log) => {
    const peer = plainAddress(req.socket.remoteAddress ?? '');
    if (peer === undefined) return NOBODY;
    if (req.headers['x-forwarded-for'] === undefined) return peer;
    if (!trusts(peer, 0)) {
      if (!isSaid) {
        log.warn({ peer }, 'X-Forwarded-For of a proxy that is not trusted: see TRUSTED_PROXIES');
      }
      isSaid = true;
      return peer;
    }
    // The connection first, then the header from its right end up to the first that is not trusted.
    const hops = proxyAddr.all(req, (address, hop) => trusts(plainAddress(address) ?? address, hop));
    return hops.map(plainAddress).findLast((address) => address !== undefined) ?? peer;
  };
}

/**
 * What counts as one caller: an IPv4 address, or the /64 of an IPv6 address, which one host can use whole.
 * @param address as {@link createAddressOf} gives it; other text stays as it is
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  return `${wordsOf(address).slice(0, NETWORK_WORDS).join(':')}::/64`;
}

/**
 * What shares one queue: an IPv4 address, or the /48 of an IPv6 address, since a single home connection often has 256
 * networks of /64.
 * @param address as {@link createAddressOf} gives it; other text stays as it is
 */
export function siteOf(address: string): string {
  if (isIP(address) !== 6) return address;
  return `${wordsOf(address).slice(0, SITE_WORDS).join(':')}::/48`;
}

/** An address as it is compared: without port, brackets and zone; undefined for what is no address. */
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

/** The eight words of an IPv6 address, in hexadecimal without leading zeros. */
function wordsOf(address: string): string[] {
  // The URL parser writes every address in one way, RFC 5952's.
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after] = written.split('::').map((part) => part.split(':').filter(Boolean));
  if (after === undefined) return [...before];
  return [...before, ...Array<string>(WORDS - before.length - after.length).fill('0'), ...after];
}
