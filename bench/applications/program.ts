import type { SpawnOptions } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnLines } from '../../tools/child-process.ts';
import { StackError } from '../../tools/stack/errors.ts';

export type Program = {
  /** Messages name the program so. */
  name: string;
  file: string;
  args: readonly string[];
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'>;
};

const LOOK_EVERY_MS = 100;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 5_000;
const LINES_TO_SHOW = 20;

/** It leads a session like a service of a stack: Linux shares cores between sessions (sched_autogroup). */
function launch({ name, file, args, options }: Program) {
  const lines: string[] = [];
  const child = spawnLines(file, args, { ...options, detached: true }, (line) => {
    lines.push(line);
    if (lines.length > LINES_TO_SHOW) lines.shift();
  });
  const failure = (what: string) => new StackError(`${name} ${what}\n${lines.join('\n')}`);
  const state = { hasEnded: false };
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (err) => reject(new StackError(`${name} did not start: ${err.message}`)));
    child.once('close', resolve);
  }).finally(() => {
    state.hasEnded = true;
    process.off('exit', kill);
  });
  ended.catch(() => undefined);
  const signalAll = (signal: NodeJS.Signals) => {
    if (state.hasEnded || child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // All its processes have just ended.
    }
  };
  const kill = () => signalAll('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    // PostgreSQL waits for its clients after SIGTERM, but not after SIGINT.
    signalAll('SIGINT');
    const killing = setTimeout(kill, STOP_WITHIN_MS);
    await ended.catch(() => undefined);
    clearTimeout(killing);
  };
  return { child, lines, ended, state, failure, stop };
}

/** Runs a program to its end and returns its last lines. @throws {StackError} with its last lines when it fails */
export async function runProgram(program: Program, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const { lines, ended, failure, stop } = launch(program);
  signal.addEventListener('abort', stop, { once: true });
  const code = await ended.finally(() => signal.removeEventListener('abort', stop));
  signal.throwIfAborted();
  if (code !== 0) throw failure(`failed (exit code ${code}):`);
  return lines.join('\n');
}

/** Returns the process id once the program is ready. @throws {StackError} with its last lines when it is not */
export async function startProgram(
  program: Program,
  isReady: () => Promise<boolean>,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const { child, ended, state, failure, stop } = launch(program);
  resources.defer(stop);
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await isReady().catch(() => false))) {
    if (state.hasEnded) throw failure(`ended before it was ready (exit code ${await ended}):`);
    if (performance.now() > giveUpAt) throw failure(`was not ready after ${READY_WITHIN_MS / 1_000} s:`);
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
  // Nobody reads these lines, and parsing them would take CPU time from the measurement.
  for (const output of [child.stdout, child.stderr]) output?.removeAllListeners('data').resume();
  if (child.pid === undefined) throw failure('has no process id');
  return child.pid;
}
