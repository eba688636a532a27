import { access, mkdtemp, rm } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StackError } from '../../tools/stack/errors.ts';
import { type Program, runProgram, startProgram } from './program.ts';

const signal = new AbortController().signal;
const shell = (script: string): Program => ({
  ...{ name: 'the program', file: 'sh', args: ['-c', script] },
  options: { env: process.env },
});

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.skipIf(platform() !== 'linux')(
  'given a program that fails, then the error has its last lines',
  async () => {
    const failed = runProgram(shell('seq 1 30; exit 3'), signal);
    const last = Array.from({ length: 20 }, (_, n) => n + 11).join('\n');
    await expect(failed).rejects.toThrow(new StackError(`the program failed (exit code 3):\n${last}`));
  },
);

test('given a program that does not exist, then the error says so', async () => {
  const missing = { ...shell(''), file: '/nowhere/program' };
  await expect(runProgram(missing, signal)).rejects.toThrow(/the program did not start: .*ENOENT/);
});

test.skipIf(platform() !== 'linux')(
  'given a program that ends early, then it is not waited for',
  async () => {
    await using resources = new AsyncDisposableStack();
    const started = startProgram(shell('echo no room; exit 1'), async () => false, resources, signal);
    await expect(started).rejects.toThrow('the program ended before it was ready (exit code 1):\nno room');
  },
);

test.skipIf(platform() !== 'linux')(
  'given a program with children, when it stops, then they stop too',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quartet-bench-test-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const started = join(folder, 'started');
    const script = `
    require('node:child_process').spawn('sleep', ['600']);
    require('node:fs').writeFileSync(${JSON.stringify(started)}, '');`;
    const program = { ...shell(''), file: process.execPath, args: ['-e', script] };
    const resources = new AsyncDisposableStack();
    const hasStarted = () => access(started).then(() => true);
    const pid = await startProgram(program, hasStarted, resources, signal);
    expect(runs(-pid)).toBe(true);
    await resources.disposeAsync();
    await expect.poll(() => runs(-pid)).toBe(false);
  },
);
