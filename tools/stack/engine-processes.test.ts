import { describe, expect, it } from 'vitest';
import { Sink } from '../../tests/support/sink.ts';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import { runEngine } from './engine-processes.ts';
import type { Guardian } from './guardian-client.ts';
import { startGuardian } from './guardian-client.ts';
import { createOutput } from './output.ts';
import type { Stack } from './stack.ts';
import { createStack } from './stack.ts';
import { claimState } from './state-file.ts';

async function emptyStack(): Promise<{ stack: Stack; guardian: Guardian }> {
  const logFolder = await tempFolder();
  const guardian = startGuardian();
  const output = createOutput({ stdout: new Sink(), stderr: new Sink() }, {});
  const state = await claimState(`${logFolder}/stack.json`);
  return { guardian, stack: createStack({ output, guardian, state, logFolder, startWithinMs: 1000 }) };
}

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
      runEngine(stack, 'broker', { ...plan, args: [], readyLine: /x/ }, { env: {}, cwd: '.' }),
    ).rejects.toThrow('broker is not started: the stack stops');
    await guardian.goodbye();
  });
});
