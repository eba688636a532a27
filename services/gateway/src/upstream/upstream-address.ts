import { isIP, type LookupFunction } from 'node:net';
import { Pool } from 'undici';

/** In milliseconds. */
export type InstanceTiming = {
  /** Longest wait for an answer to begin, and between two parts of it. */
  timeoutMs: number;
  /** After which an idle connection is closed. */
  idleMs?: number | undefined;
};

/** One address of a service, and how it has behaved. */
export type UpstreamInstance = {
  /** As configured. */
  url: string;
  /** What the name in the URL stands for; undefined when the URL holds no name that is looked up. */
  ip: string | undefined;
  pool: Pool;
  timing: InstanceTiming;
  inFlight: number;
  /** How often it could not be connected to since it last could. */
  refusals: number;
  refusedAt: number;
  /** Until then others are preferred. */
  restsUntil: number;
};

const CONNECT_TIMEOUT_MS = 2_000;
const CONNECTIONS = 256;
/**
 * An idle connection is closed from here, where it is known that nothing is on its way: shorter than a draining service
 * waits before it closes it itself (DRAIN_SECONDS), or a request may cross that on its way and be lost.
 */
const IDLE_MS = 1_000;
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 4_000;
/** Longer than a service may drain: as it stops listening, what just connected is lost. */
const LEAVING_REST_MS = 10_000;

export function createUpstreamInstance(
  url: string,
  ip: string | undefined,
  timing: InstanceTiming,
): UpstreamInstance {
  const pool = openPool({ url, ip, timing });
  return { url, ip, pool, timing, inFlight: 0, refusals: 0, refusedAt: 0, restsUntil: 0 };
}

/** Connections of their own to the same address. */
export function openPool({ url, ip, timing }: Pick<UpstreamInstance, 'url' | 'ip' | 'timing'>): Pool {
  const { timeoutMs, idleMs = IDLE_MS } = timing;
  return new Pool(url, {
    connections: CONNECTIONS,
    // The name stays: it is the Host header, and what a certificate must be for.
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(ip === undefined ? {} : { lookup: pinnedTo(ip) }) },
    // Several requests on one connection would all be lost with it.
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
}

/** It is chosen now: as long as nobody knows whether it is back, one request finds out for all. */
export function noteChosen(address: UpstreamInstance, now: number): void {
  if (address.refusals > 0) address.restsUntil = Math.max(address.restsUntil, now + CONNECT_TIMEOUT_MS);
}

/** It could not be connected to: set aside, the longer the more often that has happened. */
export function noteRefusal(address: UpstreamInstance, triedAt: number, now: number): void {
  // Many tries of the same moment are one refusal.
  if (triedAt <= address.refusedAt) return;
  address.refusedAt = now;
  address.restsUntil = now + Math.min(FIRST_REST_MS * 2 ** address.refusals, LONGEST_REST_MS);
  address.refusals += 1;
}

/** It works, but not for long. */
export function noteLeaving(address: UpstreamInstance, now: number): void {
  address.restsUntil = now + LEAVING_REST_MS;
}

/** What speaks against an address: nothing, that it is leaving, that it refuses. Within that, the first to be tried. */
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
