import type { EventEmitter } from 'node:events';
import { parentOf } from './process-identity.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on the Ctrl-C that the terminal has already sent to everybody: those two are one. */
const SAME_WITHIN_MS = 500;
const PARENT_POLL_MS = 200;

export type StopSignal = (typeof SIGNALS)[number];

/** The wish to end, from outside. */
export type StopSignals = {
  /** Aborted by the first signal. */
  signal: AbortSignal;
  first: Promise<StopSignal>;
  /** Asks to stop, as a signal would. */
  request(reason: StopSignal): void;
  release(): void;
};

/** Listens for the signals that end the stack; calls `onSecond` when somebody does not want to wait any longer. */
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

/** Ctrl-C is 130 by custom; whoever sends SIGTERM or hangs up gets what was asked for, which is a success. */
export function exitCodeAfter(signal: StopSignal): number {
  return signal === 'SIGINT' ? 130 : 0;
}

/**
 * Calls back when npm has gone: `kill npm` ends the shell between npm and the launcher, which gets no signal itself;
 * `kill -9` leaves the shell, which then has another parent.
 * Without npm nothing is watched, so that a stack started with `nohup node tools/start.ts &` outlives its shell.
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
