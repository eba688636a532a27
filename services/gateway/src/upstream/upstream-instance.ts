import { isIP, type LookupFunction } from 'node:net';
import { Pool } from 'undici';

export type InstanceTiming = {
  /** Longest wait for a response to begin, and between two parts of it. */
  timeoutMs: number;
  idleMs?: number | undefined;
};

/** One address of a service, and its state. */
export type UpstreamInstance = {
  url: string;
  /** What the URL's name resolves to; undefined for a URL whose name is not looked up. */
  ip: string | undefined;
  pool: Pool;
  timing: InstanceTiming;
  inFlight: number;
  /** Failed connections since the last one that was made. */
  refusals: number;
  refusedAt: number;
  /** Until then other instances are preferred. */
  restsUntil: number;
};

const CONNECT_TIMEOUT_MS = 2_000;
const CONNECTIONS = 256;
/**
 * The gateway closes an idle connection before a draining service does (DRAIN_SECONDS): a request that is sent while the
 * service closes the connection would be lost.
 */
const IDLE_MS = 1_000;
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 4_000;
/** Longer than a service may drain: when it stops listening, new connections to it are lost. */
const DRAINING_REST_MS = 10_000;

export function createUpstreamInstance(
  url: string,
  ip: string | undefined,
  timing: InstanceTiming,
): UpstreamInstance {
  const pool = openPool({ url, ip, timing });
  return { url, ip, pool, timing, inFlight: 0, refusals: 0, refusedAt: 0, restsUntil: 0 };
}

/** Opens new connections to the same instance. */
export function openPool({ url, ip, timing }: Pick<UpstreamInstance, 'url' | 'ip' | 'timing'>): Pool {
  const { timeoutMs, idleMs = IDLE_MS } = timing;
  return new Pool(url, {
    connections: CONNECTIONS,
    // The URL keeps the name, for the Host header and the check of the certificate.
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

/** One request finds out whether a refusing instance is back; meanwhile the others avoid it. */
export function noteChosen(instance: UpstreamInstance, now: number): void {
  if (instance.refusals > 0) instance.restsUntil = Math.max(instance.restsUntil, now + CONNECT_TIMEOUT_MS);
}

/** An instance that refuses connections rests, longer after each refusal. */
export function noteRefusal(instance: UpstreamInstance, triedAt: number, now: number): void {
  // Requests that were sent before the refusal was known count as the same refusal.
  if (triedAt <= instance.refusedAt) return;
  instance.refusedAt = now;
  instance.restsUntil = now + Math.min(FIRST_REST_MS * 2 ** instance.refusals, LONGEST_REST_MS);
  instance.refusals += 1;
}

/** An instance that drains still works, but not for long. */
export function noteDraining(instance: UpstreamInstance, now: number): void {
  instance.restsUntil = now + DRAINING_REST_MS;
}

/** Orders instances: those that work, those that drain, those that refuse; then by the end of their rest. */
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
