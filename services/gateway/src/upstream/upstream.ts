import type { Log } from '@quartet/common/process/logging.ts';
import type { Pool } from 'undici';
import { isLookedUp, type Lookup, type ResolvedName, resolveName } from './resolve-name.ts';
import {
  compareRest,
  createUpstreamInstance,
  type InstanceTiming,
  noteChosen,
  noteDraining,
  noteRefusal,
  openPool,
  type UpstreamInstance,
} from './upstream-instance.ts';

/** A service behind the gateway, at one or more instances. */
export type Upstream = {
  /** Longest wait for a response to begin, and between two parts of it. */
  timeoutMs: number;
  /** The instance with the fewest requests in flight that was not tried yet; a resting one only when no other is left. */
  pick(tried: ReadonlySet<UpstreamInstance>): UpstreamInstance | undefined;
  /** The same, after the names have been looked up again. */
  pickAfterLookup(tried: ReadonlySet<UpstreamInstance>): Promise<UpstreamInstance | undefined>;
  /** Lets an unreachable instance rest, and looks the names up again. */
  noteRefusal(instance: UpstreamInstance, triedAt: number): void;
  /**
   * A response came from this pool of connections. When it says that the instance drains, others are preferred for a while,
   * and the pool is closed before the instance closes it.
   */
  noteResponse(instance: UpstreamInstance, pool: Pool, isDraining: boolean): void;
  close(): Promise<void>;
};

/** @param urls each with an IP instance, or with a name that is looked up every few seconds and may have several */
export function createUpstream(
  urls: readonly string[],
  { timeoutMs, idleMs, ...looking }: InstanceTiming & { lookup: Lookup; log: Log },
): Upstream {
  const byUrl = new Map<string, UpstreamInstance[]>();
  let instances: UpstreamInstance[] = [];
  /** Pools that take no new request. */
  const retiring = new Set<Pool>();
  // Equal instances are chosen in rotation.
  let offset = 0;

  const retire = (pool: Pool): void => {
    retiring.add(pool);
    void pool
      .close()
      .catch(() => undefined)
      .then(() => retiring.delete(pool));
  };

  const setIps = (url: string, ips: readonly (string | undefined)[]): void => {
    const before = byUrl.get(url) ?? [];
    const now = ips.map(
      (ip) => before.find((one) => one.ip === ip) ?? createUpstreamInstance(url, ip, { timeoutMs, idleMs }),
    );
    for (const one of before) if (!now.includes(one)) retire(one.pool);
    byUrl.set(url, now);
    instances = [...byUrl.values()].flat();
  };

  const names: ResolvedName[] = [];
  for (const url of urls) {
    const { hostname } = new URL(url);
    if (isLookedUp(hostname)) names.push(resolveName(hostname, (ips) => setIps(url, ips), looking));
    else setIps(url, [undefined]);
  }
  const refresh = () => Promise.all(names.map((name) => name.refresh()));

  const pick: Upstream['pick'] = (tried) => {
    const now = Date.now();
    offset += 1;
    let best: UpstreamInstance | undefined;
    for (let at = 0; at < instances.length; at += 1) {
      const instance = instances[(at + offset) % instances.length];
      if (!instance || tried.has(instance)) continue;
      const order = best ? compareRest(instance, best, now) || instance.inFlight - best.inFlight : -1;
      if (order < 0) best = instance;
    }
    if (best) noteChosen(best, now);
    return best;
  };

  return {
    timeoutMs,
    pick,
    async pickAfterLookup(tried) {
      await refresh();
      return pick(tried);
    },
    noteRefusal(instance, triedAt) {
      noteRefusal(instance, triedAt, Date.now());
      void refresh();
    },
    noteResponse(instance, pool, isDraining) {
      // The pool has been replaced already.
      if (instance.pool !== pool) return;
      if (!isDraining) {
        instance.restsUntil = 0;
        return;
      }
      noteDraining(instance, Date.now());
      if (retiring.has(pool)) return;
      instance.pool = openPool(instance);
      retire(pool);
    },
    async close() {
      for (const name of names) name.close();
      const pools = [...retiring, ...instances.map(({ pool }) => pool)];
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}
