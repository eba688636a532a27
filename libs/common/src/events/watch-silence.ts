import type { KV } from '@nats-io/kv';

const CHECK_EVERY_MS = 3_000;

/** Knows how far a watch has come, and notices when it comes no further. */
export type SilenceCheck = {
  /** An entry of this revision has come. */
  saw(revision: number): void;
  /** Everything has come that there was when the watch began. */
  complete(): void;
  stop(): void;
};

/**
 * A broker of a cluster that dies takes the watches with it that it served, and tells nobody: a client that is connected to
 * another server would take a minute and more to notice, or would not. So the bucket is asked every 3 s for its newest
 * revision; a watch that has not come as far at the next look, and not a step further, is silent.
 * @param begunAt the bucket's newest revision right before the watch began; it may have been removed since
 * @param silent is called once
 */
export function checkSilence(kv: KV, begunAt: number, silent: () => void): SilenceCheck {
  let seen = 0;
  let before = { seen, newest: 0 };
  let isOver = false;
  let timer: NodeJS.Timeout;
  const check = async (): Promise<void> => {
    // While the broker is away the client begins the watch anew by itself.
    const status = await kv.status().catch(() => undefined);
    if (isOver) return;
    if (status && seen < before.newest && seen === before.seen) {
      stop();
      silent();
      return;
    }
    if (status) before = { seen, newest: status.streamInfo.state.last_seq };
    next();
  };
  // Counted from the answer on: what was written by then has had that long to come.
  const next = () => {
    timer = setTimeout(() => void check(), CHECK_EVERY_MS).unref();
  };
  const stop = () => {
    isOver = true;
    clearTimeout(timer);
  };
  next();
  return {
    saw(revision) {
      seen = Math.max(seen, revision);
    },
    complete() {
      seen = Math.max(seen, begunAt);
    },
    stop,
  };
}
