import { setTimeout as delay } from 'node:timers/promises';
import { type Phase, STOP_ORDER } from './process-spec.ts';

export type Stoppable = { name: string; phase: Phase; stop(): void; kill(): void; ended: Promise<void> };

/** The sum is 10 s; the next phases may use what a phase leaves. */
export const STOP_BUDGET_MS: Record<Phase, number> = {
  gateway: 3000,
  services: 3500,
  mail: 900,
  broker: 1100,
  database: 1100,
};

export async function stopInOrder(all: Stoppable[], budgetMs = STOP_BUDGET_MS): Promise<string[]> {
  const killed: string[] = [];
  let deadline = performance.now();
  for (const phase of STOP_ORDER) {
    deadline += budgetMs[phase];
    const group = all.filter((one) => one.phase === phase);
    const left = new Set(group);
    const ends = group.map(async (one) => {
      one.stop();
      await one.ended;
      left.delete(one);
    });
    const timer = new AbortController();
    const tooLate = delay(Math.max(0, deadline - performance.now()), undefined, { signal: timer.signal });
    await Promise.race([Promise.all(ends), tooLate]);
    timer.abort();
    tooLate.catch(() => {});
    for (const one of left) {
      killed.push(one.name);
      one.kill();
    }
    await Promise.all(ends);
  }
  return killed;
}
