import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../process/logging.ts';
import { matching } from './engine.ts';

/** Part of a filter: matches every stored address that may not be normalized, as ASCII without `xn--` is. */
export const MAY_LACK_FORM = matching('[^ -~]|xn--');

/** How long after its start a process assumes that no process of the earlier release runs any more. */
export const ROLLED_OUT_MS = 600_000;

const AGAIN_MS = 60_000;

/**
 * Normalizes addresses that an earlier release stored, when no process of that release is left to look them up by their
 * spelling. A sweep that fails is tried again.
 * @returns when it is done, or the signal has aborted
 */
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
