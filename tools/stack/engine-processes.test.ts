import { describe, expect, it } from 'vitest';
import type { ContainerPlan, RunningEngine } from '../engines/index.ts';
import { runEngine } from './engine-processes.ts';
import type { Guardian } from './guardian-client.ts';
import { startGuardian } from './guardian-client.ts';
import { createOutput } from './output.ts';
import type { Stack } from './stack.ts';
import { createStack } from './stack.ts';
import { claimState } from './state-file.ts';
import { Sink, tempFolder } from './test-support.ts';

async function emptyStack(): Promise<{ stack: Stack; guardian: Guardian }> {
  const logFolder = await tempFolder();
  const guardian = startGuardian();
  const output = createOutput({ stdout: new Sink(), stderr: new Sink() }, {});
  const state = await claimState(`${logFolder}/stack.json`);
  return { guardian, stack: createStack({ output, guardian, state, logFolder, startWithinMs: 1000 }) };
}

/** Docker is somebody else's; what stands for it here starts as the test says. */
function container(start: () => Promise<RunningEngine>): ContainerPlan {
  return { kind: 'container', source: 'docker', describe: 'mongo:8.0 in Docker', start };
}

function settings(signal = new AbortController().signal) {
  return { env: {}, cwd: '.', signal };
}

describe('an engine in a container', () => {
  it('is ours, and stops with the stack', async () => {
    const { stack, guardian } = await emptyStack();
    let stopped = 0;
    const stop = async () => {
      stopped += 1;
    };
    const plan = container(async () => ({ url: 'mongodb://here/', source: 'docker', stop }));
    expect(await runEngine(stack, 'database', plan, settings())).toEqual({
      url: 'mongodb://here/',
      isOurs: true,
    });
    await stack.stop();
    stack.kill();
    await guardian.goodbye();
    expect(stopped).toBe(1);
  });

  it('that does not start is told in one line', async () => {
    const { stack, guardian } = await emptyStack();
    const plan = container(() => Promise.reject(new Error('no such image')));
    await expect(runEngine(stack, 'database', plan, settings())).rejects.toThrow(
      'mongo:8.0 in Docker did not start: no such image',
    );
    await guardian.goodbye();
  });

  it('is not waited for when the stack has to stop', async () => {
    const { stack, guardian } = await emptyStack();
    const controller = new AbortController();
    const plan = container(() => new Promise(() => {}));
    const running = runEngine(stack, 'database', plan, settings(controller.signal));
    controller.abort();
    await expect(running).rejects.toThrow('aborted');
    await guardian.goodbye();
  });
});

describe('a stack that stops', () => {
  it('starts nothing more', async () => {
    const { stack, guardian } = await emptyStack();
    await stack.stop();
    const plan = {
      kind: 'process',
      source: 'path',
      describe: '',
      url: '',
      port: 1,
      file: '',
      args: [],
    } as const;
    await expect(
      runEngine(stack, 'broker', { ...plan, args: [], readyLine: /x/ }, settings()),
    ).rejects.toThrow('broker is not started: the stack stops');
    await guardian.goodbye();
  });
});
