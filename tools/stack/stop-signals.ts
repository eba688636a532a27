import type { EventEmitter } from 'node:events';
import { parentOf } from './process-identity.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm repeats the Ctrl-C that the terminal has sent to everybody: those two are one. */
const SAME_WITHIN_MS = 500;
const PARENT_POLL_MS = 200;

export type StopSignal = (typeof SIGNALS)[number];

export type StopSignals = {
  signal: AbortSignal;
  first: Promise<StopSignal>;
  /** Asks to stop, as a signal would. */
  request(reason: StopSignal): void;
  release(): void;
};

/** Listens for the signals that end the stack; a later one calls `onSecond`. */
export function listenForStop(source: EventEmitter, onSecond: () => void): StopSignals {
  const first = Promise.withResolvers<StopSignal>();
  const controller = new AbortController();
  let firstAt: number | undefined;
  const receive = (name: StopSignal) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      first.resolve(name);
      controller.abort();
    } else if (performance.now() - firstAt > SAME_WITHIN_MS) {
      onSecond();
    }
  };
  for (const name of SIGNALS) source.on(name, receive);
  return {
    signal: controller.signal,
    first: first.promise,
    request: (reason) => {
      if (firstAt === undefined) receive(reason);
    },
    release: () => {
      for (const name of SIGNALS) source.off(name, receive);
    },
  };
}

/** Ctrl-C is 130 by custom; after SIGTERM or SIGHUP the end is a success. */
export const exitCodeAfter = (signal: StopSignal): number => (signal === 'SIGINT' ? 130 : 0);

/**
 * Calls back when npm has ended: `kill npm` ends the shell between npm and the launcher, `kill -9` gives it another parent.
 * Without npm nothing is watched: after `nohup node tools/start.ts &` the stack outlives its shell.
 */
export function watchNpm(env: NodeJS.ProcessEnv, onGone: () => void): () => void {
  if (env.npm_lifecycle_event === undefined) return () => {};
  const shell = process.ppid;
  const npm = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid !== shell || parentOf(shell) !== npm) onGone();
  }, PARENT_POLL_MS);
  return () => clearInterval(timer);
}
