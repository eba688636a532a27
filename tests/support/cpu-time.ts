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
