const LOOK_EVERY_MS = 10_000;
/** A process without requests takes a hundredth of a core. */
const QUIET_CPU_MS = 0.05 * LOOK_EVERY_MS;
/** To collect where more is in use, as with very many revocations, would hold up a request for too long. */
const LARGEST_HEAP_BYTES = 128 * 1_024 * 1_024;

/**
 * Collects garbage when a process becomes quiet after work, and gives its pages back to the system. V8 collects when it
 * allocates, and keeps the pages. `node --expose-gc` is needed, else this does nothing.
 */
export function collectWhenQuiet(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  const heapUsed = () => process.memoryUsage().heapUsed;
  let inUse = heapUsed();
  let last = process.cpuUsage();
  let hasWorked = false;
  const look = async (): Promise<void> => {
    const { user, system } = process.cpuUsage(last);
    const isQuiet = (user + system) / 1_000 <= QUIET_CPU_MS;
    // Other flavors leave the pages with V8.
    if (isQuiet && hasWorked && inUse <= LARGEST_HEAP_BYTES) {
      await gc({ execution: 'async', flavor: 'last-resort' });
      inUse = heapUsed();
    }
    hasWorked = !isQuiet;
    // The collection is no work that would ask for another.
    last = process.cpuUsage();
  };
  setInterval(() => void look(), LOOK_EVERY_MS).unref();
}
