import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@quartet/common/process/logging.ts';
import type { SessionStore } from './session-store.ts';

const EVERY_MS = 60_000;
/** The clocks of replicas differ, and a request that still found the session may be under way. */
const MARGIN_MS = 60_000;
/** A backlog is removed over several rounds, so that requests do not wait behind it. */
const MOST_PAGES = 20;

/** Removes expired sessions until the signal aborts. Replicas may overlap: each session is removed by its id. */
export async function sweepSessions(
  store: SessionStore,
  log: Log,
  signal: AbortSignal,
  everyMs = EVERY_MS,
): Promise<void> {
  while (!signal.aborted) {
    await sweepOnce(store, signal).catch((err: unknown) =>
      log.warn({ err }, 'expired sessions stay for now'),
    );
    const pauseMs = everyMs * (0.75 + Math.random() / 2);
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function sweepOnce(store: SessionStore, signal: AbortSignal): Promise<void> {
  for (let page = 0; page < MOST_PAGES && !signal.aborted; page += 1) {
    const expired = await store.expiredBefore(new Date(Date.now() - MARGIN_MS));
    if (expired.length === 0) return;
    await store.remove(expired.map(({ _id }) => _id));
  }
}

/** A count may cost more, the more there is: it is remembered for a minute. */
export function oncePerMinute(count: () => Promise<number>): () => Promise<number> {
  let known: { at: number; value: Promise<number> } | undefined;
  return () => {
    if (!known || Date.now() - known.at > EVERY_MS) {
      const value = count();
      known = { at: Date.now(), value };
      value.catch(() => {
        known = undefined;
      });
    }
    return known.value;
  };
}
