import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const TASKS = '/proc/self/task';
/** A third of the share that the kernel gives to a thread of the usual priority when there are more than cores. */
const NICE = 5;

/**
 * Lowers the priority of libuv's worker threads, in which bcrypt runs, below that of the event loops on the same cores. Linux
 * alone has priorities for single threads; elsewhere this does nothing. The threads exist once libuv has had its first work.
 */
export function lowerWorkerThreads(): void {
  for (const id of workerThreads()) setPriority(id, NICE);
}

/** The ids of libuv's worker threads; none where the kernel does not list them. */
export function workerThreads(): number[] {
  try {
    return readdirSync(TASKS)
      .filter((id) => readFileSync(`${TASKS}/${id}/comm`, 'utf8') === 'libuv-worker\n')
      .map(Number);
  } catch {
    return [];
  }
}
