import { faultKinds } from '../checks/faults.ts';
import type { Options } from '../options.ts';
import { countOf, kinds } from '../report.ts';
import { run } from '../run.ts';
import { sabotages } from './sabotages.ts';

/** A run ends with the first round that has a fault, which is the first almost always. */
const MOST_ROUNDS = 3;

/**
 * Runs every sabotage in a stack of its own, striking where it shows soon.
 * @returns the exit code: 0 when every run was red
 */
export async function runSabotages(
  options: Options,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  let missed = 0;
  for (const sabotage of sabotages) {
    const result = await run(
      { ...options, kills: MOST_ROUNDS * sabotage.kills, round: sabotage.kills, targets: sabotage.targets },
      { sabotage, keepData: false, say, signal },
    );
    const found = kinds.filter((kind) => countOf(result, kind) > 0);
    const words = found.map((kind) => `${countOf(result, kind)} ${faultKinds[kind]}`).join(', ');
    console.log(`${sabotage.name}: ${found.length > 0 ? `caught: ${words}` : 'NOT CAUGHT'}`);
    if (found.length === 0) missed += 1;
  }
  console.log(`sabotage: ${sabotages.length - missed} passed, ${missed} failed`);
  return missed > 0 ? 1 : 0;
}
