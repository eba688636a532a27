import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';
import * as z from 'zod';
import { readBrokerAddress } from '../events/broker/broker-address.ts';

const LOOPBACK_NATS = 'nats://127.0.0.1:4222';

export const environments = z.enum(['local', 'staging', 'production']);

/** Makes a schema of a whole number within bounds, in digits. */
export const digits = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `must be from ${min} to ${max}` });

/** Makes a schema of a TCP port to listen on (0 picks a free one). */
export const port = (fallback: number) => digits(0, 65_535).default(fallback);

/** Makes a schema of a TCP port to connect to. */
export const remotePort = (fallback: number) => digits(1, 65_535).default(fallback);

/** Makes a schema of `true`, `1`, `yes`, `on` or their opposites. */
export const flag = (fallback: boolean) => z.stringbool().default(fallback);

/** Makes a schema of a whole number within bounds that has a default. */
export const whole = (fallback: number, min: number, max: number) => digits(min, max).default(fallback);

/** Makes a schema of one line of text. */
export const line = (needed = 'is needed') =>
  z
    .string({ error: needed })
    .regex(/\S/, 'must not be blank')
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must be one line, without control characters');

/** Makes a schema of a host name or IP address; it removes the brackets of an IPv6 address. */
export const host = () =>
  z
    .string()
    .transform((text) => text.replace(/^\[(.*:.*)\]$/, '$1'))
    .refine((text) => isIP(text) !== 0 || HOST_NAME.test(text), {
      error: 'must be the name of a host or an IP address, without a port',
    });

const HOST_NAME = /^[\p{L}\p{M}\p{N}_]([\p{L}\p{M}\p{N}_.-]*[\p{L}\p{M}\p{N}_.])?$/u;

/** The address has no user, query or fragment; its trailing slashes are removed. */
export const httpAddress = z.string().transform((text, ctx) => {
  const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
  const mistake = url ? misplacedIn(url, text) : 'must be an http:// or https:// address';
  if (mistake === undefined) return text.replace(/\/+$/, '');
  ctx.issues.push({ code: 'custom', input: undefined, message: mistake });
  return z.NEVER;
});

function misplacedIn({ username, password, hostname, port: urlPort }: URL, text: string): string | undefined {
  if (/[?#]/.test(text)) return 'must be an address without a query or fragment';
  if (username !== '' || password !== '') return 'must be an address without a user';
  if (hostname.includes('*')) return 'must be an address without a *';
  return urlPort === '0' ? 'must be an address with another port than 0' : undefined;
}

const httpRoot = httpAddress.refine((url) => URL.parse(url)?.pathname === '/', {
  error: 'must be an address without a path',
});

/** Returns an address's origin as a browser writes it: in ASCII and lower case, without a default port. */
export const originOf = (address: string): string => new URL(address).origin;

/** Makes a schema of origins in a browser's form: a comma-separated list or a JSON array. */
export const httpOrigins = (fallback: string) =>
  list(fallback)
    .pipe(z.array(httpAddress))
    .transform((addresses) => addresses.map(originOf));

/** Makes a schema of an http(s) address that has a default. */
export const httpUrl = (fallback: string) => httpAddress.default(fallback);

/** Makes a schema of strings: a comma-separated list or a JSON array. */
export const list = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, ctx) => {
      if (!text.trimStart().startsWith('[')) return splitList(text);
      const parsed = z.array(z.string()).safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      ctx.issues.push({ code: 'custom', input: text, message: 'must be a comma list or a JSON array' });
      return z.NEVER;
    });

export const brokerAddress = list(LOOPBACK_NATS).transform((addresses, ctx) => {
  const read = readBrokerAddress(addresses);
  if (!('mistake' in read)) return read;
  ctx.issues.push({ code: 'custom', input: undefined, message: read.mistake });
  return z.NEVER;
});

/** The value is a function that tells whether an address is in one of the ranges (CIDR). */
export const trustedProxies = list('').transform((addresses, ctx) => {
  try {
    return proxyAddr.compile(addresses);
  } catch {
    const message = 'must be addresses or ranges, as in 10.0.0.1,10.1.0.0/16,fd00::/8';
    ctx.issues.push({ code: 'custom', input: addresses, message });
    return z.NEVER;
  }
});

/** Makes a schema of one or more http(s) addresses without a path. */
export const httpUrls = (fallback: string) =>
  list(fallback).pipe(z.array(httpRoot).min(1, 'must name at least one address'));

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
