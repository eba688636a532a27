import type { EventEmitter } from 'node:events';
import { parentOf } from './process-identity.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The terminal sends Ctrl-C to all processes and npm repeats it: those two count as one. */
const SAME_WITHIN_MS = 500;
const PARENT_POLL_MS = 200;

export type StopSignal = (typeof SIGNALS)[number];

export type StopSignals = {
  signal: AbortSignal;
  first: Promise<StopSignal>;
  request(reason: StopSignal): void;
  release(): void;
};

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

/** By convention, Ctrl-C is 130; after SIGTERM or SIGHUP the end is a success. */
export const exitCodeAfter = (signal: StopSignal): number => (signal === 'SIGINT' ? 130 : 0);

/** `kill npm` ends the shell in between, `kill -9` changes our parent; without npm nothing is watched. */
export function watchNpm(env: NodeJS.ProcessEnv, onGone: () => void): () => void {
  if (env.npm_lifecycle_event === undefined) return () => {};
  const shell = process.ppid;
  const npm = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid !== shell || parentOf(shell) !== npm) onGone();
  }, PARENT_POLL_MS);
  return () => clearInterval(timer);
}
