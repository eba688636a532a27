import { isIP, type LookupFunction } from 'node:net';
import { Pool } from 'undici';

export type InstanceTiming = {
  /** This limits the wait for a response to begin, and between two parts of it. */
  timeoutMs: number;
  idleMs?: number | undefined;
};

export type UpstreamInstance = {
  url: string;
  /** Undefined means that the URL's name is not looked up. */
  ip: string | undefined;
  pool: Pool;
  timing: InstanceTiming;
  inFlight: number;
  refusals: number;
  refusedAt: number;
  /** Other instances are preferred until then. */
  restsUntil: number;
};

const CONNECT_TIMEOUT_MS = 2_000;
const CONNECTIONS = 256;
/** The gateway closes first (DRAIN_SECONDS): a request would be lost while the service closes. */
const IDLE_MS = 1_000;
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 4_000;
/** A service drains for less time; when it stops listening, new connections are lost. */
const DRAINING_REST_MS = 10_000;

export function createUpstreamInstance(
  url: string,
  ip: string | undefined,
  timing: InstanceTiming,
): UpstreamInstance {
  const pool = openPool({ url, ip, timing });
  return { url, ip, pool, timing, inFlight: 0, refusals: 0, refusedAt: 0, restsUntil: 0 };
}

export function openPool({ url, ip, timing }: Pick<UpstreamInstance, 'url' | 'ip' | 'timing'>): Pool {
  const { timeoutMs, idleMs = IDLE_MS } = timing;
  return new Pool(url, {
    connections: CONNECTIONS,
    // The URL keeps the name for the Host header and the check of the certificate.
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(ip === undefined ? {} : { lookup: pinnedTo(ip) }) },
    // A broken connection must not lose several requests.
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
}

/** Only one request finds out whether a refusing instance is back. */
export function noteChosen(instance: UpstreamInstance, now: number): void {
  if (instance.refusals > 0) instance.restsUntil = Math.max(instance.restsUntil, now + CONNECT_TIMEOUT_MS);
}

/** The instance rests longer after each refusal. */
export function noteRefusal(instance: UpstreamInstance, triedAt: number, now: number): void {
  // Requests that were sent before the refusal was known count as the same refusal.
  if (triedAt <= instance.refusedAt) return;
  instance.refusedAt = now;
  instance.restsUntil = now + Math.min(FIRST_REST_MS * 2 ** instance.refusals, LONGEST_REST_MS);
  instance.refusals += 1;
}

export function noteDraining(instance: UpstreamInstance, now: number): void {
  instance.restsUntil = now + DRAINING_REST_MS;
}

/** Working instances come first, then those that drain, then those that refuse, by the end of their rest. */
export function compareRest(one: UpstreamInstance, other: UpstreamInstance, now: number): number {
  const rank = ({ restsUntil, refusals }: UpstreamInstance) =>
    restsUntil <= now ? 0 : refusals === 0 ? 1 : 2;
  const difference = rank(one) - rank(other);
  if (difference !== 0 || rank(one) === 0) return difference;
  return one.restsUntil - other.restsUntil;
}

const pinnedTo =
  (ip: string): LookupFunction =>
  (_name, options, callback) => {
    if (options.all) callback(null, [{ address: ip, family: isIP(ip) }]);
    else callback(null, ip, isIP(ip));
  };
