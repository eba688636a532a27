import type { ChildProcess } from 'node:child_process';
import { spawnLines } from '../child-process.ts';
import { signalGroup } from './end-processes.ts';
import type { ProcessSpec } from './process-spec.ts';
import { untilHealthy } from './ready-check.ts';
import type { Stoppable } from './stop-order.ts';

const TAIL_LINES = 15;

export type Death = {
  how: string;
  wasReady: boolean;
  lastLines: string[];
  restartInMs: number;
};

export type Hooks = {
  onSpawn(pid: number): void;
  onLine(line: string): void;
  onReady(): void;
  onExit(pid: number): void;
  onDeath(death: Death): void;
};

export type Timing = {
  firstDelayMs: number;
  longestDelayMs: number;
  /** After this time without an exit, the first delay applies again. */
  steadyAfterMs: number;
};

export const defaultTiming: Timing = { firstDelayMs: 500, longestDelayMs: 30_000, steadyAfterMs: 60_000 };

export const steadyTiming = (delayMs: number): Timing => ({
  firstDelayMs: delayMs,
  longestDelayMs: delayMs,
  steadyAfterMs: 0,
});

export type Supervised = Stoppable & {
  isReady(): boolean;
  firstReady: Promise<void>;
  lastLines(): string[];
};

export function supervise(spec: ProcessSpec, hooks: Hooks, timing: Timing = defaultTiming): Supervised {
  const { name, phase, file, args, cwd, env } = spec;
  const ended = Promise.withResolvers<void>();
  const firstReady = Promise.withResolvers<void>();
  let child: ChildProcess | undefined;
  let ready = false;
  let stopping = false;
  let delayMs = timing.firstDelayMs;
  let restart: NodeJS.Timeout | undefined;
  let tail: string[] = [];

  function start(): void {
    const startedAt = performance.now();
    const over = new AbortController();
    const becomeReady = () => {
      if (ready || stopping || child !== running) return;
      ready = true;
      firstReady.resolve();
      hooks.onReady();
    };
    tail = [];
    // In a group of its own, a process does not get the terminal's Ctrl-C; the launcher stops it in order.
    const options = { cwd, env, detached: process.platform !== 'win32' };
    const running = spawnLines(file, args, options, (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      hooks.onLine(line);
      if ('line' in spec.ready && spec.ready.line.test(line)) becomeReady();
    });
    child = running;
    const { pid } = running;
    if (pid !== undefined) hooks.onSpawn(pid);
    if ('url' in spec.ready) {
      void untilHealthy(spec.ready.url, over.signal).then((healthy) => healthy && becomeReady());
    }
    running.once('error', (err) => {
      tail = [...tail, err.message];
    });
    // Its children could hold the ports, and the pipes that 'close' waits for.
    running.once('exit', () => pid !== undefined && signalGroup(pid, 'SIGKILL'));
    running.once('close', (code, signal) => {
      over.abort();
      child = undefined;
      if (pid !== undefined) hooks.onExit(pid);
      onEnd(signal ?? `exit code ${code}`, performance.now() - startedAt);
    });
  }

  function onEnd(how: string, livedMs: number): void {
    const wasReady = ready;
    ready = false;
    if (stopping) {
      ended.resolve();
      return;
    }
    const restartInMs = livedMs >= timing.steadyAfterMs ? timing.firstDelayMs : delayMs;
    delayMs = Math.min(restartInMs * 2, timing.longestDelayMs);
    restart = setTimeout(start, restartInMs);
    hooks.onDeath({ how, wasReady, lastLines: tail, restartInMs });
  }

  function end(signal: NodeJS.Signals): void {
    stopping = true;
    clearTimeout(restart);
    if (child === undefined) ended.resolve();
    else if (child.pid !== undefined && signal === 'SIGKILL') signalGroup(child.pid, signal);
    else child.kill(signal);
  }

  start();
  return {
    ...{ name, phase, firstReady: firstReady.promise, ended: ended.promise },
    isReady: () => ready,
    lastLines: () => tail,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
