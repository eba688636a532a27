import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../process/logging.ts';
import { ROLLED_OUT_MS } from './database.ts';
import { matching } from './engine.ts';

/** Matches every stored address that may not be normalized; ASCII without `xn--` always is. */
export const MAY_LACK_FORM = matching('[^ -~]|xn--');

const AGAIN_MS = 60_000;

/** Normalizes stored addresses once no process of the earlier release looks them up by their spelling. */
export async function sweepEarlierAddresses(
  sweep: () => Promise<void>,
  {
    afterMs = ROLLED_OUT_MS,
    againMs = AGAIN_MS,
    log,
    signal,
  }: { afterMs?: number | undefined; againMs?: number; log: Log; signal: AbortSignal },
): Promise<void> {
  for (let pauseMs = afterMs; ; pauseMs = againMs) {
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      return await sweep();
    } catch (err) {
      log.warn({ err }, 'addresses of an earlier release wait to be brought into the form');
    }
  }
}
