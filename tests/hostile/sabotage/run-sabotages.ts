import { attacksNamed } from '../attacks/all.ts';
import type { Options } from '../options.ts';
import { run } from '../run.ts';
import { faultsOf } from '../verdict.ts';
import { type Sabotage, sabotages } from './sabotages.ts';

/** Each sabotage has its own stack; the exit code is 0 when every attack succeeds again. */
export async function runSabotages(
  wanted: Sabotage | 'all',
  options: Options,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const all = wanted === 'all' ? sabotages : [wanted];
  let missed = 0;
  for (const sabotage of all) {
    const attacks = attacksNamed(sabotage.attack);
    const faults = (await run({ ...options, attacks }, { sabotage, say, signal })).flatMap(faultsOf);
    console.log(`${sabotage.name}: ${faults.length > 0 ? `caught: ${faults.join('; ')}` : 'NOT CAUGHT'}`);
    if (faults.length === 0) missed += 1;
  }
  console.log(`sabotage: ${all.length - missed} passed, ${missed} failed`);
  return missed > 0 ? 1 : 0;
}
