import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const TASKS = '/proc/self/task';
/** A thread then gets a third of the usual share when there are more threads than cores. */
const NICE = 5;

/** Only Linux has priorities for single threads. libuv's threads exist after its first work. */
export function lowerWorkerThreads(): void {
  for (const id of workerThreads()) setPriority(id, NICE);
}

export function workerThreads(): number[] {
  try {
    return readdirSync(TASKS)
      .filter((id) => readFileSync(`${TASKS}/${id}/comm`, 'utf8') === 'libuv-worker\n')
      .map(Number);
  } catch {
    return [];
  }
}
