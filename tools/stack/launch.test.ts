import { EventEmitter } from 'node:events';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { launch } from './launch.ts';
import type { Programs } from './service-specs.ts';
import { freeStackPort, Sink, stubPrograms, tempFolder } from './test-support.ts';

const WAIT = { timeout: 30_000, interval: 50 };

interface StubAnswer {
  pid: number;
  env: Record<string, string>;
}

async function prepare(items = 1) {
  const root = await tempFolder();
  const port = await freeStackPort(items);
  return { root, port, programs: await stubPrograms(root), data: join(root, 'data') };
}

/** Starts a launcher inside this process, with signals and streams of its own. */
function run(argv: string[], programs: Programs, env: NodeJS.ProcessEnv = {}, startWithinMs = 30_000) {
  const [stdout, stderr, signals] = [new Sink(), new Sink(), new EventEmitter()];
  const fullEnv = { ...process.env, ENGINES: 'embedded', ...env };
  const code = launch(argv, { env: fullEnv, programs, signals, stdout, stderr, startWithinMs });
  onTestFinished(async () => {
    signals.emit('SIGTERM', 'SIGTERM');
    await code;
  });
  const said = (msg: string) =>
    stdout
      .lines()
      .map((line) => JSON.parse(line))
      .filter((line) => line.name === 'stack' && line.msg === msg);
  const until = (msg: string) => vi.waitFor(() => expect(said(msg)[0]).toBeDefined(), WAIT);
  return { stdout, stderr, signals, code, said, until };
}

async function ask(port: number, path = '/'): Promise<StubAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return JSON.parse(await response.text());
}

describe('the stack', { timeout: 90_000 }, () => {
  it('starts, wires its processes, restarts one that dies, stops in order and keeps its data', async () => {
    const { port, programs, data } = await prepare(2);
    const argv = ['--port', String(port), '--data', data, '--items', '2'];
    const first = run(argv, programs, { SMTP_HOST: '', FIRST_SUPERUSER: 'me@example.com' });
    await first.until('ready');
    expect(first.said('ready')).toEqual([
      {
        level: 30,
        time: expect.any(Number),
        name: 'stack',
        msg: 'ready',
        api: `http://localhost:${port}/api/v1`,
        inbox: `http://localhost:${port + 25}`,
        superuser: 'me@example.com / changethis',
        data,
        logs: join(data, 'logs'),
      },
    ]);
    expect(first.stderr.text).toMatch(/Quartet is ready after \d+\.\d s.*\n\n {2}API +http:/);

    const { env } = await ask(port);
    expect(env).toMatchObject({
      HOST: '127.0.0.1',
      PORT: String(port),
      PRIVATE_PORT: String(port + 1000),
      MONGODB_URL: expect.stringMatching(/^mongodb:\/\/127\.0\.0\.1:\d+\//),
      NATS_URL: expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/),
      AUTH_URL: `http://127.0.0.1:${port + 1}`,
      ITEMS_URL: `http://127.0.0.1:${port + 2},http://127.0.0.1:${port + 12}`,
      NOTIFIER_URL: `http://127.0.0.1:${port + 3}`,
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(port - 6975),
      SMTP_TLS: 'false',
      SMTP_SSL: 'false',
      EMAILS_FROM_EMAIL: 'noreply@example.com',
      SECRET_KEY: expect.stringMatching(/^[\w-]{43}$/),
    });

    const before = await ask(port + 12);
    await ask(port + 12, '/die').catch(() => {});
    await first.until('ready again');
    expect(first.said('process ended')).toMatchObject([
      { level: 50, process: 'items-2', how: 'exit code 3', restartInMs: 500 },
    ]);
    expect((await ask(port + 12)).pid).not.toBe(before.pid);

    const { children } = JSON.parse(await readFile(join(data, 'stack.json'), 'utf8'));
    const database = children.find(({ name }: { name: string }) => name === 'database');
    process.kill(database.pid, 'SIGKILL');
    await vi.waitFor(() => expect(first.said('ready again')).toHaveLength(2), WAIT);
    expect((await ask(port + 12)).env.MONGODB_URL).toBe(env.MONGODB_URL);

    first.signals.emit('SIGTERM', 'SIGTERM');
    expect(await first.code).toBe(0);
    const draining = first.stdout.lines().filter((line) => line.includes('draining'));
    expect(draining).toHaveLength(5);
    expect(JSON.parse(draining[0] ?? '{}').process).toBe('gateway');
    await expect(access(join(data, 'stack.json'))).rejects.toThrow();
    expect(await readdir(join(data, 'logs'))).toContain('items-2.log');

    const second = run(argv, programs);
    await second.until('ready');
    expect((await ask(port)).env.SECRET_KEY).toBe(env.SECRET_KEY);
    second.signals.emit('SIGINT', 'SIGINT');
    expect(await second.code).toBe(130);
    expect(await readdir(join(data, 'logs'))).toContain('auth.log.1');
  });

  it('takes configured servers and says where e-mails go', async () => {
    const { root, port, programs, data } = await prepare();
    const settings = [
      'MONGODB_URL=mongodb://db.example/',
      'NATS_URL=nats://broker.example',
      'SMTP_HOST=mail.example',
    ];
    await writeFile(
      join(root, '.env'),
      [...settings, 'FIRST_SUPERUSER_PASSWORD=well-chosen', 'HOST=0.0.0.0'].join('\n'),
    );
    const stack = run(['--port', String(port), '--data', data], programs, {
      ENGINES: 'auto',
      SECRET_KEY: 'mine',
    });
    await stack.until('ready');
    expect(stack.said('ready')).toMatchObject([
      {
        inbox: 'none: e-mails are sent through mail.example',
        superuser: 'admin@example.com / as configured in FIRST_SUPERUSER_PASSWORD',
      },
    ]);
    expect(stack.stdout.text + stack.stderr.text).not.toContain('well-chosen');
    expect((await ask(port)).env).toMatchObject({
      MONGODB_URL: 'mongodb://db.example/',
      NATS_URL: 'nats://broker.example',
      SMTP_HOST: 'mail.example',
      SECRET_KEY: 'mine',
    });
    expect(await readdir(data)).not.toContain('secret-key');
  });

  it('starts anew with --fresh, but not under a running stack', async () => {
    const { port, programs, data } = await prepare();
    const argv = ['--port', String(port), '--data', data];
    const external = {
      ENGINES: 'auto',
      MONGODB_URL: 'mongodb://db.example/',
      NATS_URL: 'nats://broker.example',
    };
    await mkdir(join(data, 'database', 'secantusdb'), { recursive: true });
    const running = run(argv, programs, external);
    await running.until('ready');
    const key = await readFile(join(data, 'secret-key'), 'utf8');
    const other = run([...argv, '--fresh'], programs, external);
    expect(await other.code).toBe(1);
    expect(other.stderr.text).toContain(`already running (pid ${process.pid})`);
    running.signals.emit('SIGHUP', 'SIGHUP');
    expect(await running.code).toBe(0);

    const fresh = run([...argv, '--fresh'], programs, external);
    await fresh.until('ready');
    expect(await readFile(join(data, 'secret-key'), 'utf8')).not.toBe(key);
    expect(await readdir(data)).not.toContain('database');
  });

  it('names who is not ready in time, with its last lines, and stops the others', async () => {
    const { port, programs, data } = await prepare();
    const slow = join(programs.services, 'auth', 'src', 'main.ts');
    await writeFile(slow, "console.log('waiting for the moon'); setInterval(() => {}, 1000);");
    const stack = run(['--port', String(port), '--data', data], programs, {}, 6500);
    expect(await stack.code).toBe(1);
    expect(stack.stderr.text).toContain('still waiting for auth to be ready');
    expect(stack.stderr.text).toContain(
      'not ready after 6.5 s: auth\nlast lines of auth:\n  | waiting for the moon\n',
    );
    expect(stack.said('not started')).toHaveLength(1);
    await expect(ask(port)).rejects.toThrow();
  });

  it('gives up when a process ends again and again', async () => {
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

  it('can be stopped while it starts, and killed while it stops', async () => {
    const { port, programs, data } = await prepare();
    const stubborn = join(programs.services, 'items', 'src', 'main.ts');
    await writeFile(
      stubborn,
      "console.log('up'); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);",
    );
    const stack = run(['--port', String(port), '--data', data], programs);
    await vi.waitFor(() => expect(stack.stdout.text).toContain('"msg":"up"'), WAIT);
    const before = performance.now();
    stack.signals.emit('SIGINT', 'SIGINT');
    const killing = setInterval(() => stack.signals.emit('SIGINT', 'SIGINT'), 200);
    expect(await stack.code).toBe(130);
    clearInterval(killing);
    expect(performance.now() - before).toBeLessThan(4000);
  });

  it('kills a service that does not stop in time, within 10 s in all', async () => {
    const { port, programs, data } = await prepare();
    const main = join(programs.services, 'items', 'src', 'main.ts');
    await writeFile(main, (await readFile(main, 'utf8')).replace('server.close()', '{}'));
    const stack = run(['--port', String(port), '--data', data], programs);
    await stack.until('ready');
    const before = performance.now();
    stack.signals.emit('SIGTERM', 'SIGTERM');
    expect(await stack.code).toBe(0);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(stack.said('killed')).toMatchObject([{ processes: ['items'] }]);
  });

  it('stops when nobody reads its output any more', async () => {
    const { port, programs, data } = await prepare();
    const stack = run(['--port', String(port), '--data', data], programs);
    await stack.until('ready');
    stack.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await stack.code).toBe(0);
  });
});

describe('a stack that cannot start', () => {
  it('names a port in use before anything runs', async () => {
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

  it('says what is missing when no engine can be had', async () => {
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

  it('does not hide a mistake of ours', async () => {
    const { programs, root } = await prepare();
    await mkdir(join(root, '.env'));
    const [stdout, stderr] = [new Sink(), new Sink()];
    const options = { env: {}, programs, signals: new EventEmitter(), stdout, stderr };
    await expect(launch([], options)).rejects.toThrow('EISDIR');
  });
});
