/**
 * Milliseconds of CPU that some work takes on this thread: what else the machine does has no part in them, so a bound tells
 * work that grows faster than its input from work that does not.
 */
export function cpuMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

const TRIES = 4;

/**
 * The same of work that waits, at its least of some tries: what else this thread has to do meanwhile is no part of it.
 * @param isEnough ends the tries
 */
export async function leastCpuMs(
  work: () => Promise<unknown>,
  isEnough: (ms: number) => boolean,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < TRIES && !isEnough(least); n += 1) {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
