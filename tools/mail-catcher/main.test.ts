import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const FREE = { MAIL_SMTP_PORT: '0', MAIL_HTTP_PORT: '0' };

type Line = { level: number; name: string; msg: string; httpPort?: number };

function start(env: Record<string, string>, ipc = false) {
  const options = { env: { PATH: process.env.PATH ?? '', ...env } };
  const child = ipc
    ? fork(MAIN, { ...options, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    : spawn(process.execPath, [MAIN], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no stdout');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exited = once(child, 'exit').then(([code]) => code);
  return {
    child,
    exited,
    async line(): Promise<Line> {
      return JSON.parse((await lines.next()).value ?? 'null');
    },
  };
}

test.for(['SIGTERM', 'SIGINT'] as const)('%s ends the process with 0', async (signal) => {
  const { child, exited, line } = start(FREE);
  const ready = await line();
  expect(ready).toMatchObject({ level: 30, name: 'mail', msg: 'listening', smtpPort: expect.any(Number) });
  expect((await fetch(`http://127.0.0.1:${ready.httpPort}/readyz`)).status).toBe(200);
  child.kill(signal);
  expect(await line()).toMatchObject({ msg: 'stopped' });
  expect(await exited).toBe(0);
});

test('the end of the IPC channel ends the process with 0', async () => {
  const { child, exited, line } = start(FREE, true);
  await line();
  child.disconnect();
  expect(await exited).toBe(0);
});

test('a port in use is one line that names it and exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const address = other.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const { exited, line } = start({ ...FREE, MAIL_SMTP_PORT: String(port) });
  expect(await line()).toMatchObject({
    level: 60,
    msg: `port ${port} on 127.0.0.1 is in use; stop the other program or set MAIL_SMTP_PORT`,
  });
  expect(await line()).toBeNull();
  expect(await exited).toBe(1);
});

test('a mistaken environment is one line and exit code 1', async () => {
  const { exited, line } = start({ MAIL_MAX: 'many' });
  expect(await line()).toMatchObject({
    msg: 'configuration: MAIL_MAX is not a number from 1 to 999999 ("many")',
  });
  expect(await exited).toBe(1);
});
