import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../../tests/support/own-broker.ts';

const SCRIPT = join(import.meta.dirname, '../../test/tiny-service.ts');
const children: ChildProcess[] = [];

function run(mode: string, privatePort = 0) {
  const args = [SCRIPT, mode, '{}', String(privatePort)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const said = (text: string) => expect.poll(() => output, { timeout: 10_000 }).toContain(text);
  const port = () => Number(/"port":(\d+)/.exec(output)?.[1]);
  return { child, ended, said, port, output: () => output };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('a signal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'given %s without requests, then the process ends with 0',
    async (signal) => {
      const { child, ended, said } = run('normal');
      await said('"ready"');
      child.kill(signal);
      expect(await ended).toBe(0);
      await said('"stopped"');
    },
  );

  test('given SIGTERM during a request, then the request is answered and the process ends with 0', async () => {
    const { child, ended, said, port } = run('normal');
    await said('"ready"');
    const answer = fetch(`http://127.0.0.1:${port()}/`);
    await said('request arrived');
    child.kill('SIGTERM');
    expect(await (await answer).text()).toBe('finished');
    expect(await ended).toBe(0);
  });

  test('given a second signal, then the process ends at once with 1', async () => {
    const { child, ended, said } = run('hanging');
    await said('"ready"');
    child.kill('SIGTERM');
    await said('"stopping"');
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
  });

  test('given a signal before the start is complete, then the process ends with 0', async () => {
    const { child, ended, said } = run('starting');
    await said('"starting"');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('given a stop that hangs, then the process ends with 1 after 10 s', { timeout: 20_000 }, async () => {
    const { child, ended, said, output } = run('hanging');
    await said('"ready"');
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
    expect(output()).toContain('not stopped in time');
  });
});

test('given a start that waits, then its health names what it waits for, until it stops', async () => {
  const privatePort = await freePort();
  const { child, said } = run('waiting', privatePort);
  await said('waiting for the database');
  const ready = async () => (await fetch(`http://127.0.0.1:${privatePort}/health/ready`)).json();
  expect(await ready()).toMatchObject({
    status: 'not ok',
    problems: ['starting', 'waiting for the database'],
  });
  child.kill('SIGKILL');
});

describe('a process that cannot go on', () => {
  test('given a wrong configuration, then every mistake is in one message and it ends with 1', async () => {
    const { ended, output } = run('misconfigured');
    expect(await ended).toBe(1);
    expect(output().trim().split('\n')).toHaveLength(1);
    expect(output()).toMatch(/PORT: one.*SECRET: two/);
  });

  test('given a start that fails, then the log has the cause and it ends with 1', async () => {
    const { ended, output } = run('unstartable');
    expect(await ended).toBe(1);
    expect(output()).toContain('no luck');
  });

  test('given an unhandled rejection, then the log has it and the process ends with 1', async () => {
    const { ended, said, port, output } = run('normal');
    await said('"ready"');
    await fetch(`http://127.0.0.1:${port()}/crash`).catch(() => undefined);
    expect(await ended).toBe(1);
    expect(output()).toContain('nobody caught me');
  });
});
