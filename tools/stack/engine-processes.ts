import type { EnginePlan, ProcessPlan } from '../engines/index.ts';
import type { Phase, ProcessSpec } from './process-spec.ts';
import type { Stack } from './stack.ts';
import type { Supervised } from './supervisor.ts';

/** An engine as the stack has it: where it is, and its process when it is a child of ours. */
export type StackEngine = {
  url: string;
  /** False for a configured server. */
  isOurs: boolean;
  process?: Supervised;
};

type EngineSettings = {
  env: NodeJS.ProcessEnv;
  cwd: string;
};

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
  }
}

function specOf(phase: EnginePhase, plan: ProcessPlan, { env, cwd }: EngineSettings): ProcessSpec {
  return { name: phase, phase, file: plan.file, args: plan.args, ready: { line: plan.readyLine }, env, cwd };
}
