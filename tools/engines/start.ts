import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { resolveBroker, resolveDatabase } from './resolve.ts';
import type { EngineOptions, EnginePlan, ProcessPlan, RunningEngine } from './types.ts';

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5000;
const TAIL_LINES = 20;
const MOST_PORTS = 5;
const PORT_TAKEN = /address already in use|EADDRINUSE/i;

/** Finds and starts a database; ready when it returns. Throws as `resolveDatabase`, and when the engine does not start. */
export function startDatabase(options: EngineOptions): Promise<RunningEngine> {
  return startResolved(resolveDatabase, options);
}

/** Finds and starts a broker; as `startDatabase`. */
export function startBroker(options: EngineOptions): Promise<RunningEngine> {
  return startResolved(resolveBroker, options);
}

/** A port that was free may be somebody else's a moment later; unless it was asked for, another one will do. */
async function startResolved(
  resolve: (options: EngineOptions) => Promise<EnginePlan>,
  options: EngineOptions,
): Promise<RunningEngine> {
  for (let portsLeft = options.port ? 1 : MOST_PORTS; ; portsLeft -= 1) {
    const plan = await resolve(options);
    try {
      return await startPlan(plan, options);
    } catch (err) {
      if (portsLeft === 1 || !PORT_TAKEN.test(String(err))) throw err;
    }
  }
}

/** Starts what a plan says, without supervision: an engine that dies stays dead. */
export async function startPlan(plan: EnginePlan, options: EngineOptions): Promise<RunningEngine> {
  switch (plan.kind) {
    case 'server':
      return { url: plan.url, source: plan.source, stop: async () => {} };
    case 'process':
      return startProcess(plan, options);
  }
}

async function startProcess(plan: ProcessPlan, options: EngineOptions): Promise<RunningEngine> {
  const env = options.env ?? process.env;
  const child = spawn(plan.file, plan.args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const tail: string[] = [];
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<'ready'>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      options.onOutput?.(line);
      tail.splice(0, Math.max(0, tail.push(line) - TAIL_LINES));
      if (plan.readyLine.test(line)) {
        becomeReady('ready');
      }
    });
  }
  // Whoever starts an engine and then just ends, as a test run does that fails, must not leave it running.
  // What minds a container has to remove it first.
  const giveUp = () => void child.kill(plan.source === 'docker' ? 'SIGTERM' : 'SIGKILL');
  process.once('exit', giveUp);
  const ended = once(child, 'close').then(
    ([code, signal]) => `it ended with ${signal ?? `exit code ${code}`}`,
    (err: Error) => err.message,
  );
  void ended.then(() => process.off('exit', giveUp));

  const timer = new AbortController();
  const outcome = await Promise.race([
    ready,
    ended,
    tooLate(timer.signal),
    aborted(timer.signal, options.signal),
  ]);
  timer.abort();
  if (outcome !== 'ready') {
    giveUp();
    options.signal?.throwIfAborted();
    throw new Error([`${plan.describe} did not start: ${outcome}`, ...tail].join('\n  '));
  }
  return {
    url: plan.url,
    source: plan.source,
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    stop: async () => {
      child.kill('SIGTERM');
      const killTimer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(killTimer);
    },
  };
}

function tooLate(signal: AbortSignal): Promise<string> {
  return delay(READY_WITHIN_MS, `it was not ready after ${READY_WITHIN_MS / 1000} s`, { signal }).catch(
    () => '',
  );
}

async function aborted(settled: AbortSignal, signal: AbortSignal | undefined): Promise<string> {
  if (signal !== undefined && !signal.aborted) {
    await once(signal, 'abort', { signal: settled }).catch(() => {});
  } else if (signal === undefined) {
    await once(settled, 'abort');
  }
  return 'it was given up';
}
