import proxyAddr from 'proxy-addr';
import * as z from 'zod';
import { readBrokerAddress } from '../events/broker-address.ts';

const LOOPBACK_NATS = 'nats://127.0.0.1:4222';

/** What ENVIRONMENT may say. */
export const environments = z.enum(['local', 'staging', 'production']);

/** A TCP port, 1 to 65535 (0 picks a free one). */
export const port = (fallback: number) =>
  z.coerce.number({ error: 'must be a number' }).int().min(0).max(65_535).default(fallback);

/** `true`, `1`, `yes`, `on` or their opposites. */
export const flag = (fallback: boolean) => z.stringbool().default(fallback);

/** A whole number within bounds. */
export const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number({ error: 'must be a number' }).int().min(min).max(max).default(fallback);

/** An http(s) address, its trailing slashes removed. */
export const httpAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .transform((url) => url.replace(/\/+$/, ''));

/** An http(s) address without a path. */
const httpOrigin = httpAddress.refine((url) => URL.parse(url)?.pathname === '/' && !/[?#]/.test(url), {
  error: 'must be an address without a path',
});

/** An http(s) address that has a default. */
export const httpUrl = (fallback: string) => httpAddress.default(fallback);

/** A comma-separated list or a JSON array of strings. */
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

/** A comma-separated list or a JSON array of NATS addresses, which may hold user and password. */
export const brokerAddress = list(LOOPBACK_NATS).transform((addresses, ctx) => {
  const read = readBrokerAddress(addresses);
  if (!('mistake' in read)) return read;
  ctx.issues.push({ code: 'custom', input: undefined, message: read.mistake });
  return z.NEVER;
});

/** Addresses and ranges (CIDR) of proxies, as a function that knows whether an address is one of them. */
export const trustedProxies = list('').transform((addresses, ctx) => {
  try {
    return proxyAddr.compile(addresses);
  } catch {
    const message = 'must be addresses or ranges, as in 10.0.0.1,10.1.0.0/16,fd00::/8';
    ctx.issues.push({ code: 'custom', input: addresses, message });
    return z.NEVER;
  }
});

/** One or more http(s) addresses without a path: a comma-separated list or a JSON array. */
export const httpUrls = (fallback: string) =>
  list(fallback).pipe(z.array(httpOrigin).min(1, 'must name at least one address'));

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
