import { setTimeout as delay } from 'node:timers/promises';
import type { OpenStream } from './open-stream.ts';

/** A comment at least this often keeps a connection open through proxies. */
const HEARTBEAT_MS = 15_000;
/** Writing to thousands of streams at once would delay events. */
const SHARES = 60;

export type Rounds = {
  /** Does something to all streams, evenly over a time. */
  spread(withinMs: number, act: (stream: OpenStream) => void): Promise<void>;
};

/** One timer looks after all streams and writes a share of the heartbeats. */
export function startRounds(
  streams: Iterable<OpenStream>,
  {
    heartbeatMs = HEARTBEAT_MS,
    signal,
    each,
    heartbeat,
  }: {
    heartbeatMs?: number | undefined;
    signal: AbortSignal;
    each(stream: OpenStream): void;
    heartbeat(stream: OpenStream): void;
  },
): Rounds {
  const shareMs = heartbeatMs / SHARES;
  let next = 0;
  let writtenAt = performance.now();
  const looking = setInterval(() => {
    // A busy process calls late, and then more than one share is due.
    const due = Math.min(SHARES, Math.floor((performance.now() - writtenAt) / shareMs));
    for (const stream of streams) {
      each(stream);
      if ((stream.number + SHARES - next) % SHARES < due) heartbeat(stream);
    }
    next = (next + due) % SHARES;
    writtenAt += due * shareMs;
  }, shareMs).unref();
  signal.addEventListener('abort', () => clearInterval(looking), { once: true });

  return {
    async spread(withinMs, act) {
      const all = [...streams];
      const size = Math.max(1, Math.ceil(all.length / SHARES));
      for (let from = 0; from < all.length; from += size) {
        for (const stream of all.slice(from, from + size)) act(stream);
        if (from + size < all.length) await delay(withinMs / SHARES);
      }
    },
  };
}
