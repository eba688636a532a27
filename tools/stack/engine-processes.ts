import type { ContainerPlan, EnginePlan, ProcessPlan, RunningEngine } from '../engines/index.ts';
import { StackError } from './errors.ts';
import type { Phase, ProcessSpec } from './process-spec.ts';
import type { Stack } from './stack.ts';
import type { Stoppable } from './stop-order.ts';
import type { Supervised } from './supervisor.ts';

/** An engine as the stack has it: where it is, and its process when it is a child of ours. */
export interface StackEngine {
  url: string;
  /** False for a configured server. */
  isOurs: boolean;
  process?: Supervised;
}

interface EngineSettings {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Gives up a container that is still being pulled or started. */
  signal: AbortSignal;
}

type EnginePhase = Extract<Phase, 'database' | 'broker'>;

/** Starts an engine inside the stack, which from then on keeps it running and stops it. */
export async function runEngine(
  stack: Stack,
  phase: EnginePhase,
  plan: EnginePlan,
  settings: EngineSettings,
): Promise<StackEngine> {
  switch (plan.kind) {
    case 'server':
      return { url: plan.url, isOurs: false };
    case 'process':
      return { url: plan.url, isOurs: true, process: await stack.run(specOf(phase, plan, settings)) };
    case 'container':
      return { url: await runContainer(stack, phase, plan, settings.signal), isOurs: true };
  }
}

function specOf(phase: EnginePhase, plan: ProcessPlan, { env, cwd }: EngineSettings): ProcessSpec {
  return { name: phase, phase, file: plan.file, args: plan.args, ready: { line: plan.readyLine }, env, cwd };
}

async function runContainer(
  stack: Stack,
  phase: EnginePhase,
  plan: ContainerPlan,
  signal: AbortSignal,
): Promise<string> {
  const running = await startOrAbort(plan, signal);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const container: Stoppable = {
    name: phase,
    phase,
    ended,
    stop: () => void running.stop().then(resolve, () => resolve()),
    // testcontainers' reaper removes the container once this process is gone.
    kill: () => resolve(),
  };
  stack.add(container);
  return running.url;
}

/** A pull takes minutes and cannot be called off: whoever does not want to wait leaves it behind. */
async function startOrAbort(plan: ContainerPlan, signal: AbortSignal): Promise<RunningEngine> {
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  const started = plan.start().catch((error: unknown) => {
    throw new StackError(`${plan.describe} did not start: ${error instanceof Error ? error.message : error}`);
  });
  try {
    return await Promise.race([started, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
