import { createPublicKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { getDirectly } from '../http/get-directly.ts';
import type { Log } from '../process/logging.ts';
import { waitFor } from '../process/wait-for.ts';
import type { Keys } from './verifier.ts';

export const JWKS_PATH = '/.well-known/jwks.json';

/** RFC 7517 and RFC 7518 define this form of a P-256 public key. */
export const publicJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
});

export type PublicJwk = z.output<typeof publicJwk>;

const jwks = z.object({ keys: z.array(publicJwk) });

/** An unknown `kid` causes at most one request in this time, so that a forged one costs nothing. */
const REFETCH_PAUSE_MS = 5_000;
/** A withdrawn key stays valid for at most this time. */
const REFRESH_EVERY_MS = 60_000;
const FETCH_TIMEOUT_MS = 3_000;

/** Waits for auth's keys and keeps them current. @throws {Error} when the signal aborts before that */
export async function fetchKeys(authUrls: readonly string[], log: Log, signal: AbortSignal): Promise<Keys> {
  const urls = authUrls.map((url) => `${url}${JWKS_PATH}`);
  // All replicas of auth have the same keys.
  const load = () => Promise.any(urls.map(loadKeys));
  let keys = await waitFor("auth's keys", load, log, signal);
  let refetchAfter = Date.now() + REFETCH_PAUSE_MS;
  let refetching: Promise<void> | undefined;

  const refetch = async (): Promise<void> => {
    try {
      keys = await load();
    } catch (err) {
      log.warn({ err, urls }, 'keys could not be fetched again');
    }
    refetching = undefined;
  };
  const refreshing = setInterval(() => {
    refetching ??= refetch();
  }, REFRESH_EVERY_MS).unref();
  signal.addEventListener('abort', () => clearInterval(refreshing), { once: true });

  return {
    has: (kid) => keys.has(kid),
    async find(kid) {
      if (!keys.has(kid) && Date.now() >= refetchAfter) {
        refetchAfter = Date.now() + REFETCH_PAUSE_MS;
        refetching ??= refetch();
      }
      if (!keys.has(kid)) await refetching;
      return keys.get(kid);
    },
  };
}

async function loadKeys(url: string): Promise<Map<string, KeyObject>> {
  const { status, body } = await getDirectly(url, FETCH_TIMEOUT_MS);
  if (status !== 200) throw new Error(`${url} answered ${status}`);
  const { keys } = jwks.parse(JSON.parse(body));
  return new Map(keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]));
}
