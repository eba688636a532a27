import type { Log } from '@quartet/common/process/logging.ts';

export type Background = {
  run(work: Promise<unknown>): void;
  settled(): Promise<void>;
};

/** Runs work that no answer waits for; a failure is logged as an error. */
export function createBackground(log: Log): Background {
  const pending = new Set<Promise<void>>();
  return {
    run(work) {
      const done = work.then(
        () => undefined,
        (err: unknown) => log.error({ err }, 'work after an answer failed'),
      );
      pending.add(done);
      void done.then(() => pending.delete(done));
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
