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

export type Upstream = {
  timeoutMs: number;
  /** Prefers the fewest requests in flight; a resting instance is the last choice. */
  pick(tried: ReadonlySet<UpstreamInstance>): UpstreamInstance | undefined;
  pickAfterLookup(tried: ReadonlySet<UpstreamInstance>): Promise<UpstreamInstance | undefined>;
  noteRefusal(instance: UpstreamInstance, triedAt: number): void;
  /** A draining instance is avoided for a while, and its pool closes before the instance closes it. */
  noteResponse(instance: UpstreamInstance, pool: Pool, isDraining: boolean): void;
  close(): Promise<void>;
};

/** A name is looked up every few seconds and may have several instances. */
export function createUpstream(
  urls: readonly string[],
  { timeoutMs, idleMs, ...looking }: InstanceTiming & { lookup: Lookup; log: Log },
): Upstream {
  const byUrl = new Map<string, UpstreamInstance[]>();
  let instances: UpstreamInstance[] = [];
  /** These pools take no new request. */
  const retiring = new Set<Pool>();
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
