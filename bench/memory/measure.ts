import { setTimeout as delay } from 'node:timers/promises';
import { readMemory } from '../../tests/hostile/observing/memory.ts';
import type { LaunchedStack } from '../launched-stack.ts';
import type { Memory, MemoryLooks } from '../report/measured.ts';

const AT_REST_AFTER_MS = 5_000;

/** Measures right after the start, right after a load, and a while later; `load` must be the first load. */
export async function measureMemory<T>(
  { dataDir }: LaunchedStack,
  laterSeconds: number,
  load: () => Promise<T>,
  signal: AbortSignal,
): Promise<{ memory: MemoryLooks; loaded: T }> {
  const look = async (): Promise<Memory> => Object.fromEntries(await readMemory(dataDir));
  console.error('memory at rest ...');
  await delay(AT_REST_AFTER_MS, undefined, { signal });
  const atRest = await look();
  const loaded = await load();
  const afterLoad = await look();
  console.error(`memory ${laterSeconds} s after the load ...`);
  await delay(1_000 * laterSeconds, undefined, { signal });
  return { memory: { atRest, afterLoad, later: await look(), laterSeconds }, loaded };
}
