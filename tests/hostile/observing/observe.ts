import { quantile } from '../../support/quantile.ts';
import { watchHealth } from './health.ts';
import { type Memory, watchMemory } from './memory.ts';
import { type Operation, operations, type Victim, watchVictim } from './victims.ts';

export type Times = { median: number; p99: number; count: number; failed: string[] };

export type Observed = {
  times: Record<Operation, Times>;
  usualMemory: Memory;
  peakMemory: Memory;
  longestHealthMs: number;
};

export async function observe(victim: Victim, dataDir: string, signal: AbortSignal): Promise<Observed> {
  const answered = new AbortController();
  // A process may grow until the last answer, so the measurement continues.
  const looking = watchMemory(dataDir, answered.signal);
  const asking = Promise.all([watchVictim(victim, signal), watchHealth(victim.api, signal)]);
  const [seen, longestHealthMs] = await asking.finally(() => answered.abort());
  const looks = await looking;
  const over = (of: (values: number[]) => number): Memory =>
    new Map(
      [...(looks[0]?.keys() ?? [])].map((name) => [name, of(looks.map((look) => look.get(name) ?? 0))]),
    );
  const timesOf = (operation: Operation): Times => {
    const { tookMs, failed } = seen[operation];
    return { median: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99), count: tookMs.length, failed };
  };
  const [me, item, login, post] = operations.map(timesOf);
  if (!me || !item || !login || !post) throw new Error('an operation was not observed');
  return {
    times: { me, item, login, post },
    usualMemory: over((values) => quantile(values, 0.5)),
    peakMemory: over((values) => Math.max(...values)),
    longestHealthMs,
  };
}
