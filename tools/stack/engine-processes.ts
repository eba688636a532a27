import type { ContainerPlan, EnginePlan, ProcessPlan } from '../engines/index.ts';
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

type EnginePhase = Extract<Phase, 'database' | 'broker'>;

/** Starts an engine inside the stack, which from then on keeps it running and stops it. */
export async function runEngine(
  stack: Stack,
  phase: EnginePhase,
  plan: EnginePlan,
  settings: { env: NodeJS.ProcessEnv; cwd: string },
): Promise<StackEngine> {
  switch (plan.kind) {
    case 'server':
      return { url: plan.url, isOurs: false };
    case 'process':
      return { url: plan.url, isOurs: true, process: await stack.run(specOf(phase, plan, settings)) };
    case 'container':
      return { url: await runContainer(stack, phase, plan), isOurs: true };
  }
}

function specOf(
  phase: EnginePhase,
  plan: ProcessPlan,
  settings: { env: NodeJS.ProcessEnv; cwd: string },
): ProcessSpec {
  return {
    name: phase,
    phase,
    file: plan.file,
    args: plan.args,
    ready: { line: plan.readyLine },
    ...settings,
  };
}

async function runContainer(stack: Stack, phase: EnginePhase, plan: ContainerPlan): Promise<string> {
  const running = await plan.start();
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
