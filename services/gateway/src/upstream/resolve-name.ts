import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@quartet/common/process/logging.ts';

export type Lookup = (name: string) => Promise<string[]>;

export type ResolvedName = {
  refresh(): Promise<void>;
  close(): void;
};

const EVERY_MS = 3_000;
const WITHIN_MS = 2_000;
const NOT_AGAIN_FOR_MS = 250;

/** This uses the hosts file, search domains and DNS, as other programs of the machine do. */
export const lookUp: Lookup = async (name) =>
  (await systemLookup(name, { all: true })).map(({ address }) => address);

export function isLookedUp(hostname: string): boolean {
  const isLiteral = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return !isLiteral && hostname !== 'localhost';
}

/** `changed` gets the first addresses and every change; a failed look-up changes nothing. */
export function resolveName(
  name: string,
  changed: (ips: readonly string[]) => void,
  { lookup, log }: { lookup: Lookup; log: Log },
): ResolvedName {
  let known = '';
  let looking: Promise<void> | undefined;
  let doneAt = Number.NEGATIVE_INFINITY;
  let isFailing = false;
  let isClosed = false;

  const look = async (): Promise<void> => {
    try {
      const ips = [...new Set(await lookup(name))].toSorted();
      isFailing = false;
      if (isClosed || ips.length === 0 || ips.join() === known) return;
      known = ips.join();
      log.info({ name, ips }, 'addresses of a service');
      changed(ips);
    } catch (err) {
      if (!isFailing) log.warn({ err, name }, 'a name could not be looked up: its last addresses stay');
      isFailing = true;
    } finally {
      doneAt = performance.now();
      looking = undefined;
    }
  };

  const refresh = async (): Promise<void> => {
    if (performance.now() - doneAt < NOT_AGAIN_FOR_MS) return;
    // A look-up occupies one of libuv's few threads, so only one runs at a time.
    looking ??= look();
    const timer = new AbortController();
    const late = delay(WITHIN_MS, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([looking, late]);
    timer.abort();
  };

  void refresh();
  const again = setInterval(() => void refresh(), EVERY_MS).unref();
  return {
    refresh,
    close() {
      isClosed = true;
      clearInterval(again);
    },
  };
}
