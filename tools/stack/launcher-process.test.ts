import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { freeStackPort } from '../../tests/support/free-stack-port.ts';
import { stubPrograms } from '../../tests/support/launcher.ts';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import type { KnownProcess } from './end-processes.ts';
import { endProcesses, isAlive } from './end-processes.ts';
import { requireFreePorts } from './port-check.ts';
import { listPorts, planPorts } from './ports.ts';

const WAIT = { timeout: 20_000, interval: 50 };

async function prepare() {
  const root = await tempFolder();
  const port = await freeStackPort((first) => [planPorts(first, 1)]);
  const programs = await stubPrograms(root);
  const data = join(root, 'data');
  const script = join(root, 'start.ts');
  await writeFile(
    script,
    `import { launch } from ${JSON.stringify(join(import.meta.dirname, 'launch.ts'))};
    const { env, stdout, stderr } = process;
    const programs = ${JSON.stringify(programs)};
    process.exit(await launch(process.argv.slice(2), { env, signals: process, stdout, stderr, programs }));`,
  );
  const args = [script, '--port', String(port), '--data', data];
  const env = { ...process.env, ENGINES: 'embedded' };
  return { port, data, args, env };
}

async function untilReady(launcher: ChildProcess): Promise<void> {
  let text = '';
  launcher.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  onTestFinished(() => void launcher.kill('SIGKILL'));
  await vi.waitFor(() => expect(text).toContain('"msg":"ready"'), WAIT);
}

async function childrenOf(data: string): Promise<KnownProcess[]> {
  const { children } = JSON.parse(await readFile(join(data, 'stack.json'), 'utf8'));
  onTestFinished(async () => void (await endProcesses(children, 1000)));
  expect(children.filter(isAlive)).toHaveLength(7);
  return children;
}

async function allEnded(children: KnownProcess[], port: number): Promise<void> {
  await vi.waitFor(() => expect(children.filter(isAlive)).toEqual([]), WAIT);
  const plan = (at: number) => planPorts(at, 1);
  await requireFreePorts(listPorts(plan(port)), '127.0.0.1', plan);
}

describe.skipIf(process.platform === 'win32')('a launcher', { timeout: 60_000 }, () => {
  it('leaves nothing behind when it is killed, and the next one starts', async () => {
    const { port, data, args, env } = await prepare();
    const launcher = spawn(process.execPath, args, { env });
    await untilReady(launcher);
    const children = await childrenOf(data);
    launcher.kill('SIGKILL');
    await allEnded(children, port);

    const next = spawn(process.execPath, args, { env });
    await untilReady(next);
    next.kill('SIGTERM');
    expect(await once(next, 'exit')).toEqual([0, null]);
  });

  it('stops when npm has ended, because its shell forwards no signal', async () => {
    const { port, data, args, env } = await prepare();
    const command = [process.execPath, ...args].map((word) => `'${word}'`).join(' ');
    // With a second command, the shell does not replace itself by the first one.
    const shell = spawn('/bin/sh', ['-c', `${command}; true`], {
      env: { ...env, npm_lifecycle_event: 'start' },
    });
    await untilReady(shell);
    const children = await childrenOf(data);
    shell.kill('SIGTERM');
    await allEnded(children, port);
  });
});
