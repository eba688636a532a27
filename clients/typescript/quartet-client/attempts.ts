import type { Clock } from './clock.ts';
import { isTemporary, QuartetError } from './quartet-error.ts';

// The server takes a used refresh token again for 10 seconds. The last attempt begins before that, whichever way the
// attempts before it failed: at the latest 3.999 + 3 + 2.4 seconds after the first.
const PAUSES_MS = [300, 600, 1_200, 2_400];
const NO_MORE_AFTER_MS = 4_000;
const PATIENCE_MS = 3_000;
const LAST_PATIENCE_MS = 30_000;

/** Asks again when no answer came or the server failed; otherwise the first error is thrown. */
export async function askRepeatedly<T>(ask: (signal: AbortSignal) => Promise<T>, clock: Clock): Promise<T> {
  const startedAt = clock.now();
  for (let attempt = 0; ; attempt += 1) {
    const pause = PAUSES_MS[attempt];
    const isLast = pause === undefined || clock.now() - startedAt >= NO_MORE_AFTER_MS;
    try {
      return await within(isLast ? LAST_PATIENCE_MS : PATIENCE_MS, ask, clock);
    } catch (err) {
      if (isLast || !(err instanceof QuartetError && isTemporary(err))) throw err;
      await clock.wait(pause, new AbortController().signal);
    }
  }
}

async function within<T>(ms: number, ask: (signal: AbortSignal) => Promise<T>, clock: Clock): Promise<T> {
  const request = new AbortController();
  const timer = new AbortController();
  clock.wait(ms, timer.signal).then(
    () => request.abort(new QuartetError(`The API did not answer within ${ms} ms`)),
    () => undefined,
  );
  try {
    return await ask(request.signal);
  } finally {
    timer.abort();
  }
}
