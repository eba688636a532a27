import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessSpec } from '../../tools/stack/process-spec.ts';
import { untilHealthy } from '../../tools/stack/ready-check.ts';

export type Ending = { how: string; tookMs: number };

export type Restart = { name: string; ending: Ending; backAfterMs: number };

export type Replica = {
  name: string;
  readyUrl: string;
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<Ending>;
  kill(): void;
  restart(signal: AbortSignal): Promise<Restart>;
};

/** Eight processes start at once, on a machine that may be busy. */
const READY_WITHIN_MS = 120_000;
/** No process should take so long; the check reports one that does. */
const KILLED_AFTER_MS = 20_000;

export function createReplica(spec: ProcessSpec, logFolder: string): Replica {
  if (!('url' in spec.ready)) throw new Error(`${spec.name} has no address that says that it is ready`);
  const readyUrl = spec.ready.url;
  const logFile = join(logFolder, `${spec.name}.log`);
  let child: ChildProcess | undefined;

  async function start(signal: AbortSignal): Promise<void> {
    const { file, args, cwd, env } = spec;
    const started = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (text: Buffer) => appendFileSync(logFile, text));
    }
    const over = new AbortController();
    started.once('close', () => over.abort());
    const limits = [signal, over.signal, AbortSignal.timeout(READY_WITHIN_MS)];
    if (await untilHealthy(readyUrl, AbortSignal.any(limits))) return;
    signal.throwIfAborted();
    throw new Error(`${spec.name} was not ready again; see ${logFile}`);
  }

  async function stop(): Promise<Ending> {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null)
      return { how: 'ended before', tookMs: 0 };
    const startedAt = performance.now();
    const closed = once(ending, 'close');
    ending.kill('SIGTERM');
    const timer = setTimeout(() => ending.kill('SIGKILL'), KILLED_AFTER_MS);
    await closed;
    clearTimeout(timer);
    return {
      how: ending.signalCode ?? `exit code ${ending.exitCode}`,
      tookMs: performance.now() - startedAt,
    };
  }

  return {
    name: spec.name,
    readyUrl,
    start,
    stop,
    kill: () => void child?.kill('SIGKILL'),
    async restart(signal) {
      const ending = await stop();
      const endedAt = performance.now();
      await start(signal);
      return { name: spec.name, ending, backAfterMs: performance.now() - endedAt };
    },
  };
}
