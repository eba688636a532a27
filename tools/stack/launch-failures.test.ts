import { EventEmitter } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, prepare, run } from '../../tests/support/launcher.ts';
import { Sink } from '../../tests/support/sink.ts';
import { listenError } from '../engines/index.ts';
import { launch } from './launch.ts';
import { listPorts, planPorts } from './ports.ts';

describe('a stack that cannot start', { timeout: 60_000 }, () => {
  it('names a process that is not ready in time, with its last lines, and stops the others', async () => {
    const { port, programs, data } = await prepare();
    const slow = join(programs.services, 'auth', 'src', 'main.ts');
    await writeFile(slow, "console.log('waiting for the moon'); setInterval(() => {}, 1000);");
    // Everything else must start fast: after 5 s, only auth may be missing.
    const others = {
      ENGINES: 'auto',
      MONGODB_URL: 'mongodb://db.example/',
      NATS_URL: 'nats://broker.example',
      SMTP_HOST: 'mail.example',
    };
    const stack = run(['--port', String(port), '--data', data], programs, others, 6500);
    expect(await stack.code).toBe(1);
    expect(stack.stderr.text).toContain('still waiting for auth to be ready');
    expect(stack.stderr.text).toContain(
      'not ready after 6.5 s: auth\nlast lines of auth:\n  | waiting for the moon\n',
    );
    expect(stack.said('not started')).toHaveLength(1);
    await expect(ask(port)).rejects.toThrow();
  });

  it('fails when a process ends repeatedly', async () => {
    const { port, programs, data } = await prepare();
    const broken = join(programs.services, 'notifier', 'src', 'main.ts');
    await writeFile(broken, "console.log('SMTP_PORT must be a number'); process.exit(1);");
    const stack = run(['--port', String(port), '--data', data], programs);
    expect(await stack.code).toBe(1);
    expect(stack.said('process ended')).toMatchObject([
      { process: 'notifier', how: 'exit code 1', lastLines: ['SMTP_PORT must be a number'] },
      {},
      {},
    ]);
    expect(stack.stderr.text).toContain('  | SMTP_PORT must be a number');
    expect(stack.stderr.text).toContain('notifier does not start; it ended 3 times');
  });

  it('names a used port before any process starts', async () => {
    const { port, programs, data } = await prepare();
    const server = createServer().listen(port + 1003, '127.0.0.1');
    onTestFinished(() => void server.close());
    const stack = run(['--port', String(port), '--data', data], programs);
    expect(await stack.code).toBe(1);
    expect(stack.stderr.text).toContain(
      `port ${port + 1003}, wanted by notifier (health and metrics), is in use`,
    );
    expect(await readdir(data)).toEqual(['.quartet', 'logs']);
    expect(await readdir(join(data, 'logs'))).toEqual([]);
  });

  it('given that the suggested port is in use, then another one with free ports is named', async () => {
    const { programs, data } = await prepare();
    // When this fails, another process uses the port already.
    const server = createServer().listen(9100, '127.0.0.1');
    server.once('error', () => {});
    onTestFinished(() => void server.close());
    const stack = run(['--port', '9100', '--data', data], programs);
    expect(await stack.code).toBe(1);
    expect(stack.stderr.text).toContain('port 9100, wanted by gateway, is in use');
    const [, hint] = /npm start -- --port (\d+)$/m.exec(stack.stderr.text) ?? [];
    expect(hint).toBeDefined();
    const ports = listPorts(planPorts(Number(hint), 1));
    await Promise.all(
      ports.map(async ({ port }) => expect(await listenError(port, '127.0.0.1')).toBeUndefined()),
    );
  });

  it('names what is missing when there is no engine', async () => {
    const { port, programs, data } = await prepare();
    const stack = run(['--port', String(port), '--data', data], programs, { ENGINES: 'path', PATH: '' });
    expect(await stack.code).toBe(1);
    expect(stack.stderr.text).toContain('There is no database.');
    expect(stack.stderr.text).toContain('There is no broker.');
    expect(stack.said('not started')).toMatchObject([{ level: 60 }]);
  });

  it('explains its command line', async () => {
    const { programs } = await prepare();
    const help = run(['--help'], programs);
    expect(await help.code).toBe(0);
    expect(help.stdout.text).toContain('Usage: npm start -- [options]');
    const wrong = run(['--port', 'x'], programs);
    expect(await wrong.code).toBe(2);
    expect(wrong.stderr.text).toBe(
      '--port must be a whole number from 1 to 65535, not "x"\nSee npm start -- --help\n',
    );
    expect(wrong.stdout.text).toBe('');
  });

  it('names the settings that cannot be read', async () => {
    const { programs, root } = await prepare();
    await mkdir(join(root, '.env'));
    const [stdout, stderr] = [new Sink(), new Sink()];
    const options = { env: {}, programs, signals: new EventEmitter(), stdout, stderr };
    expect(await launch([], options)).toBe(1);
    expect(stderr.text).toContain(`the settings in ${join(root, '.env')} cannot be read`);
  });

  it('starts nothing with ambiguous settings', async () => {
    const { programs, root, data } = await prepare();
    await writeFile(join(root, '.env'), 'PROJECT_NAME="My Shop\nENVIRONMENT=production\n');
    const stack = run(['--data', data], programs);
    expect(await stack.code).toBe(1);
    const reason = 'cannot be read, line 1: the quote that opens on it is never closed';
    expect(stack.said('not started')).toMatchObject([{ reason: expect.stringContaining(reason) }]);
    await expect(readdir(data)).rejects.toThrow('ENOENT');
  });
});
