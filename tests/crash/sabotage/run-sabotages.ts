import { faultKinds } from '../checks/faults.ts';
import type { Options } from '../options.ts';
import { countOf, kinds } from '../report.ts';
import { run } from '../run.ts';
import { type Sabotage, sabotages } from './sabotages.ts';

/** A run ends with its first fault, which is almost always in the first round. */
const MOST_ROUNDS = 3;
const NO_LOSSES = { losses: [], percent: 0 };

/** The runs mostly wait, so two at a time fit. */
const AT_A_TIME = 2;

/** Each run has its own stack; the exit code is 0 when every run failed. */
export async function runSabotages(
  options: Options,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const left = sabotages.values();
  let missed = 0;
  const runOne = async (sabotage: Sabotage): Promise<void> => {
    const { name, targets, kills, losses = NO_LOSSES } = sabotage;
    const result = await run(
      { ...options, kills: MOST_ROUNDS * kills, round: kills, targets, losses },
      { sabotage, keepData: false, say: (line) => say(`${name}: ${line.trimStart()}`), signal },
    );
    const found = kinds.filter((kind) => countOf(result, kind) > 0);
    const words = found.map((kind) => `${countOf(result, kind)} ${faultKinds[kind]}`).join(', ');
    console.log(`${name}: ${found.length > 0 ? `caught: ${words}` : 'NOT CAUGHT'}`);
    if (found.length === 0) missed += 1;
  };
  const runAll = async (): Promise<void> => {
    for (const sabotage of left) await runOne(sabotage);
  };
  // Each run ends its own stack, even when another fails.
  const ended = await Promise.allSettled(Array.from({ length: AT_A_TIME }, runAll));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  console.log(`sabotage: ${sabotages.length - missed} passed, ${missed} failed`);
  return missed > 0 ? 1 : 0;
}
