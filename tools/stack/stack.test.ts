import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Sink } from '../../tests/support/sink.ts';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import { createOutput } from './output.ts';
import { createStack } from './stack.ts';
import { claimState } from './state-file.ts';

it('given a stack that stops, when a process is to be started, then it is not', async () => {
  const logFolder = await tempFolder();
  const output = createOutput({ stdout: new Sink(), stderr: new Sink() }, {});
  const state = await claimState(join(logFolder, 'stack.json'));
  const stack = createStack({ output, state, logFolder, startWithinMs: 1000 });
  await stack.stop();
  const broker = { name: 'broker', phase: 'broker', file: '', args: [], ready: { line: /x/ } } as const;
  const started = stack.run({ ...broker, args: [], env: {}, cwd: '.' });
  await expect(started).rejects.toThrow('broker is not started: the stack stops');
});
