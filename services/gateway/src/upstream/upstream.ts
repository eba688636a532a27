import type { Log } from '@quartet/common/process/logging.ts';
import type { Pool } from 'undici';
import { isLookedUp, type Lookup, type ResolvedName, resolveName } from './resolve-name.ts';
import {
  compareRest,
  createUpstreamInstance,
  type InstanceTiming,
  noteChosen,
  noteLeaving,
  noteRefusal,
  openPool,
  type UpstreamInstance,
} from './upstream-address.ts';

/** A service behind the gateway, at one or more addresses. */
export type Upstream = {
  /** Longest wait for an answer to begin, and between two parts of it. */
  timeoutMs: number;
  /** The address with the fewest requests in flight among those not `tried`; one that rests only when no other is left. */
  pick(tried: ReadonlySet<UpstreamInstance>): UpstreamInstance | undefined;
  /** Likewise, after names have been looked up again. */
  pickAnew(tried: ReadonlySet<UpstreamInstance>): Promise<UpstreamInstance | undefined>;
  /** Sets an address that cannot be reached aside, and looks whether there are others by now. */
  refused(address: UpstreamInstance, triedAt: number): void;
  /**
   * An answer came on one of these connections. If it says that the address is leaving, others are preferred for a while,
   * and its idle connections are closed before they are closed from there.
   */
  answered(address: UpstreamInstance, pool: Pool, isLeaving: boolean): void;
  close(): Promise<void>;
};

/** @param urls each an address, or a name that stands for several, which are looked up every few seconds */
export function createUpstream(
  urls: readonly string[],
  { timeoutMs, idleMs, ...looking }: InstanceTiming & { lookup: Lookup; log: Log },
): Upstream {
  const byUrl = new Map<string, UpstreamInstance[]>();
  let addresses: UpstreamInstance[] = [];
  /** Pools that take no new request and end with their last one. */
  const retiring = new Set<Pool>();
  // Among equals the turn goes round, so that an idle service's addresses share the load too.
  let turn = 0;

  const retire = (pool: Pool): void => {
    retiring.add(pool);
    void pool
      .close()
      .catch(() => undefined)
      .then(() => retiring.delete(pool));
  };

  const settle = (url: string, ips: readonly (string | undefined)[]): void => {
    const before = byUrl.get(url) ?? [];
    const now = ips.map(
      (ip) => before.find((one) => one.ip === ip) ?? createUpstreamInstance(url, ip, { timeoutMs, idleMs }),
    );
    for (const one of before) if (!now.includes(one)) retire(one.pool);
    byUrl.set(url, now);
    addresses = [...byUrl.values()].flat();
  };

  const names: ResolvedName[] = [];
  for (const url of urls) {
    const { hostname } = new URL(url);
    if (isLookedUp(hostname)) names.push(resolveName(hostname, (ips) => settle(url, ips), looking));
    else settle(url, [undefined]);
  }
  const refresh = () => Promise.all(names.map((name) => name.refresh()));

  const pick: Upstream['pick'] = (tried) => {
    const now = Date.now();
    turn += 1;
    let best: UpstreamInstance | undefined;
    for (let at = 0; at < addresses.length; at += 1) {
      const address = addresses[(at + turn) % addresses.length];
      if (!address || tried.has(address)) continue;
      const order = best ? compareRest(address, best, now) || address.inFlight - best.inFlight : -1;
      if (order < 0) best = address;
    }
    if (best) noteChosen(best, now);
    return best;
  };

  return {
    timeoutMs,
    pick,
    async pickAnew(tried) {
      await refresh();
      return pick(tried);
    },
    refused(address, triedAt) {
      noteRefusal(address, triedAt, Date.now());
      void refresh();
    },
    answered(address, pool, isLeaving) {
      // Of a time before: the connection has been given up already.
      if (address.pool !== pool) return;
      if (!isLeaving) {
        address.restsUntil = 0;
        return;
      }
      noteLeaving(address, Date.now());
      if (retiring.has(pool)) return;
      address.pool = openPool(address);
      retire(pool);
    },
    async close() {
      for (const name of names) name.close();
      const pools = [...retiring, ...addresses.map(({ pool }) => pool)];
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}
