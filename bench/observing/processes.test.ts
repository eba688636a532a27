import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { readCpu } from './processes.ts';

const BUSY = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done';

async function shell(script: string): Promise<number> {
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

test.skipIf(platform() !== 'linux').each([
  ['still runs', `(${BUSY}; echo done; read line); read line`],
  ['has ended', `(${BUSY}); echo done; read line`],
])('given a process whose child %s, then a tree has the time of the child too', async (_, script) => {
  const pid = await shell(script);
  const { alone = 0, whole = 0 } = readCpu({ alone: pid, whole: { tree: pid } });
  expect(whole).toBeGreaterThan(alone);
});
