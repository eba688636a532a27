import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ask, prepare, run, WAIT } from '../../tests/support/launcher.ts';

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
        dashboard: `http://localhost:${port}`,
        api: `http://localhost:${port}/api/v1`,
        inbox: `http://localhost:${port + 25}`,
        superuser: 'me@example.com / changethis',
        data,
        logs: join(data, 'logs'),
        database: expect.stringMatching(/^mongodb:\/\/127\.0\.0\.1:\d+\//),
        broker: expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/),
      },
    ]);
    expect(first.stderr.text).toMatch(/Quartet is ready after \d+\.\d s.*\n\n {2}Dashboard +http:/);

    const { env } = await ask(port);
    expect(env).toMatchObject({
      HOST: '127.0.0.1',
      PORT: String(port),
      PRIVATE_PORT: String(port + 1000),
      NATS_URL: expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/),
      NATS_USER: 'gateway',
      NATS_PASSWORD: expect.stringMatching(/^[\w-]{32}$/),
      AUTH_URL: `http://127.0.0.1:${port + 1}`,
      ITEMS_URL: `http://127.0.0.1:${port + 2},http://127.0.0.1:${port + 12}`,
      NOTIFIER_URL: `http://127.0.0.1:${port + 3}`,
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(port - 6975),
      SMTP_TLS: 'false',
      SMTP_SSL: 'false',
      EMAILS_FROM_EMAIL: 'noreply@example.com',
    });
    const auth = (await ask(port + 1)).env;
    expect(auth).toMatchObject({
      MONGODB_URL: expect.stringMatching(/^mongodb:\/\/quartet:[\w-]{32}@127\.0\.0\.1:\d+\//),
      SECRET_KEY: expect.stringMatching(/^[\w-]{43}$/),
    });
    for (const at of [0, 2, 12, 3]) expect((await ask(port + at)).env).not.toHaveProperty('SECRET_KEY');

    const users = await Promise.all([0, 1, 2, 12, 3].map(async (at) => (await ask(port + at)).env));
    expect(users.map(({ NATS_USER }) => NATS_USER)).toEqual([
      'gateway',
      'auth',
      'items',
      'items',
      'notifier',
    ]);
    expect(new Set(users.map(({ NATS_PASSWORD }) => NATS_PASSWORD)).size).toBe(4);

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
    expect((await ask(port + 12)).env.MONGODB_URL).toBe(auth.MONGODB_URL);

    first.signals.emit('SIGTERM', 'SIGTERM');
    expect(await first.code).toBe(0);
    const draining = first.stdout.lines().filter((line) => line.includes('draining'));
    expect(draining).toHaveLength(5);
    expect(JSON.parse(draining[0] ?? '{}').process).toBe('gateway');
    await expect(access(join(data, 'stack.json'))).rejects.toThrow();
    expect(await readdir(join(data, 'logs'))).toContain('items-2.log');

    const second = run(argv, programs);
    await second.until('ready');
    const again = await ask(port + 1);
    expect(again.env.SECRET_KEY).toBe(auth.SECRET_KEY);
    expect(again.env.NATS_PASSWORD).not.toBe(auth.NATS_PASSWORD);
    second.signals.emit('SIGINT', 'SIGINT');
    expect(await second.code).toBe(130);
    expect(await readdir(join(data, 'logs'))).toContain('auth.log.1');
  });

  it('uses configured servers and shows where e-mails go', async () => {
    const { root, port, programs, data } = await prepare();
    const settings = [
      'MONGODB_URL=mongodb://db.example/',
      'NATS_URL=nats://broker.example',
      'NATS_URL_AUTH=nats://auth:an-auth-password@broker.example',
      'SMTP_HOST=mail.example',
    ];
    await writeFile(
      join(root, '.env'),
      [...settings, 'FIRST_SUPERUSER_PASSWORD=well-chosen', 'HOST=0.0.0.0'].join('\n'),
    );
    const stack = run(['--port', String(port), '--data', data], programs, {
      ENGINES: 'auto',
      SECRET_KEY: 'mine',
      // It is unset even when the tests themselves use configured servers.
      MONGODB_URL: '',
      NATS_URL: '',
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
      NATS_URL: 'nats://broker.example',
      SMTP_HOST: 'mail.example',
    });
    expect((await ask(port + 1)).env).toMatchObject({
      MONGODB_URL: 'mongodb://db.example/',
      SECRET_KEY: 'mine',
    });
    expect((await ask(port)).env).not.toHaveProperty('NATS_URL_AUTH');
    expect((await ask(port + 1)).env.NATS_URL).toBe('nats://auth:an-auth-password@broker.example');
    expect(await readdir(data)).not.toContain('secret-key');
    expect(await readdir(data)).not.toContain('broker-admin');
  });

  it('given --fresh, then it starts with empty data, but not under a running stack', async () => {
    const { port, programs, data } = await prepare();
    const argv = ['--port', String(port), '--data', data];
    const external = {
      ENGINES: 'auto',
      MONGODB_URL: 'mongodb://db.example/',
      NATS_URL: 'nats://broker.example',
    };
    await mkdir(join(data, 'database', 'secantusdb'), { recursive: true });
    await writeFile(join(data, '.quartet'), '');
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

  it('can be stopped while it starts, and killed while it stops', async () => {
    const { port, programs, data } = await prepare();
    const stubborn = join(programs.services, 'items', 'src', 'main.ts');
    await writeFile(
      stubborn,
      "console.log('up'); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);",
    );
    const stack = run(['--port', String(port), '--data', data], programs);
    await vi.waitFor(() => expect(stack.stdout.text).toContain('"msg":"up"'), WAIT);
    stack.signals.emit('SIGINT', 'SIGINT');
    const killing = setInterval(() => stack.signals.emit('SIGINT', 'SIGINT'), 200);
    expect(await stack.code).toBe(130);
    clearInterval(killing);
    // The second signal ended it, not the time limit.
    expect(stack.said('killed')).toEqual([]);
  });

  it('kills a service that does not stop in time, and continues to stop', async () => {
    const { port, programs, data } = await prepare();
    const main = join(programs.services, 'items', 'src', 'main.ts');
    await writeFile(main, (await readFile(main, 'utf8')).replace('server.close()', '{}'));
    const stack = run(['--port', String(port), '--data', data], programs);
    await stack.until('ready');
    stack.signals.emit('SIGTERM', 'SIGTERM');
    // stop-order.test.ts checks the time limits.
    expect(await stack.code).toBe(0);
    expect(stack.said('killed')).toMatchObject([{ processes: ['items'] }]);
  });

  it('stops when its output is closed', async () => {
    const { port, programs, data } = await prepare();
    const stack = run(['--port', String(port), '--data', data], programs);
    await stack.until('ready');
    stack.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await stack.code).toBe(0);
  });
});
