import { once } from 'node:events';
import { endChild, spawnLines } from '../child-process.ts';
import { resolveBroker, resolveDatabase } from './resolve.ts';
import type { EngineOptions, EnginePlan, ProcessPlan, RunningEngine } from './types.ts';

const READY_WITHIN_MS = 30_000;
const READY = 'ready';
const TAIL_LINES = 20;
const MOST_PORTS = 5;
const PORT_TAKEN = /address already in use|EADDRINUSE/i;

/** Starts a database and waits until it is ready. @throws the errors of `resolveDatabase` */
export function startDatabase(options: EngineOptions): Promise<RunningEngine> {
  return startResolved(resolveDatabase, options);
}

export function startBroker(options: EngineOptions): Promise<RunningEngine> {
  return startResolved(resolveBroker, options);
}

/** Another process may take a free port meanwhile; unless it was requested, another port is tried. */
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

export async function startPlan(plan: EnginePlan, options: EngineOptions): Promise<RunningEngine> {
  switch (plan.kind) {
    case 'server':
      return { url: plan.url, source: plan.source, stop: async () => {} };
    case 'process':
      return startProcess(plan, options);
  }
}

async function startProcess(plan: ProcessPlan, options: EngineOptions): Promise<RunningEngine> {
  const tail: string[] = [];
  const outcome = Promise.withResolvers<string>();
  const child = spawnLines(plan.file, plan.args, { env: options.env ?? process.env }, (line) => {
    options.onOutput?.(line);
    tail.splice(0, Math.max(0, tail.push(line) - TAIL_LINES));
    if (plan.readyLine.test(line)) outcome.resolve(READY);
  });
  // A failing test run must leave no engine; a container's process must first remove its container.
  const giveUp = () => void child.kill(plan.source === 'docker' ? 'SIGTERM' : 'SIGKILL');
  process.once('exit', giveUp);
  const ended = once(child, 'close').then(
    ([code, signal]) => `it ended with ${signal ?? `exit code ${code}`}`,
    (err: Error) => err.message,
  );
  void ended.then(outcome.resolve).then(() => process.off('exit', giveUp));
  const late = `it was not ready after ${READY_WITHIN_MS / 1000} s`;
  const timer = setTimeout(() => outcome.resolve(late), READY_WITHIN_MS);
  const abort = () => outcome.resolve('it was given up');
  options.signal?.addEventListener('abort', abort);
  if (options.signal?.aborted) abort();

  const how = await outcome.promise;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', abort);
  if (how !== READY) {
    giveUp();
    options.signal?.throwIfAborted();
    throw new Error([`${plan.describe} did not start: ${how}`, ...tail].join('\n  '));
  }
  return {
    url: plan.url,
    source: plan.source,
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    stop: async () => {
      endChild(child);
      await ended;
    },
  };
}
