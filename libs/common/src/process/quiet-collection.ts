import { performance } from 'node:perf_hooks';

const LOOK_EVERY_MS = 5_000;
/** The share of the time in which the event loop worked. */
const QUIET = 0.05;

/**
 * Collects garbage when a process becomes quiet after work. V8 begins a collection when it allocates, so a process
 * without requests would keep what the last ones left. `node --expose-gc` is needed, else this does nothing.
 */
export function collectWhenQuiet(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  let last = performance.eventLoopUtilization();
  let hasWorked = false;
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const isQuiet = performance.eventLoopUtilization(now, last).utilization <= QUIET;
    last = now;
    if (isQuiet && hasWorked) void gc({ execution: 'async' });
    hasWorked = !isQuiet;
  };
  setInterval(look, LOOK_EVERY_MS).unref();
}
