import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { MongoClient } from 'mongodb';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePort, resolveDatabase, startBroker, startDatabase, startPlan } from './index.ts';
import { createReport } from './report.ts';
import type { EngineOptions, ProcessPlan, RunningEngine } from './types.ts';

let options: EngineOptions;
const output: string[] = [];

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quartet-start-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  output.length = 0;
  options = {
    dataDir: join(folder, 'data'),
    port: await freePort(),
    env: { ...process.env, ENGINES: 'embedded' },
    onOutput: (line) => void output.push(line),
  };
});

async function killed(engine: RunningEngine): Promise<void> {
  process.kill(engine.pid ?? Number.NaN, 'SIGKILL');
  await engine.stop();
}

describe('the embedded database', () => {
  it('comes back on its port after kill -9 with all that it had acknowledged', {
    timeout: 60_000,
  }, async () => {
    const first = await startDatabase(options);
    const client = await new MongoClient(first.url, { serverSelectionTimeoutMS: 20_000 }).connect();
    onTestFinished(() => client.close());
    const notes = client.db('app').collection('notes');
    await notes.insertMany(Array.from({ length: 200 }, (_, n) => ({ n })));
    await killed(first);

    const second = await startDatabase(options);
    onTestFinished(() => second.stop());
    expect(second.url).toBe(first.url);
    expect(await notes.countDocuments()).toBe(200);
    expect(output.some((line) => line.includes('listening on'))).toBe(true);
  });
});

describe('the embedded broker', () => {
  it('comes back on its port after kill -9 with all that it had acknowledged', {
    timeout: 60_000,
  }, async () => {
    const first = await startBroker(options);
    const connection = await connect({ servers: first.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    onTestFinished(() => connection.close());
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'NOTES', subjects: ['notes'] });
    for (let n = 0; n < 20; n += 1) {
      await jetstream(connection).publish('notes', String(n));
    }
    await killed(first);

    const second = await startBroker(options);
    onTestFinished(() => second.stop());
    expect(second.url).toBe(first.url);
    await vi.waitFor(async () => expect((await manager.streams.info('NOTES')).state.messages).toBe(20), {
      timeout: 20_000,
    });
  });
});

describe('starting', () => {
  async function programThat(script: string): Promise<ProcessPlan> {
    const folder = join(options.dataDir, 'bin');
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'program');
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    const plan = {
      kind: 'process',
      source: 'path',
      url: 'x://',
      port: 1,
      args: [],
      readyLine: /ready/,
    } as const;
    return { ...plan, args: [], file, describe: 'the program' };
  }

  it('uses a configured server, and never stops it', async () => {
    const engine = await startDatabase({ ...options, env: { MONGODB_URL: 'mongodb://somewhere/' } });
    expect(engine).toMatchObject({ url: 'mongodb://somewhere/', source: 'configured' });
    expect(engine.pid).toBeUndefined();
    await engine.stop();
  });

  it('fails with the program’s output when it ends before it is ready', async () => {
    const plan = await programThat('echo cannot open the data >&2; exit 14');
    await expect(startPlan(plan, options)).rejects.toThrow(
      'the program did not start: it ended with exit code 14\n  cannot open the data',
    );
  });

  it('fails when there is no such program', async () => {
    const plan = { ...(await programThat('')), file: join(options.dataDir, 'missing') };
    await expect(startPlan(plan, options)).rejects.toThrow(/did not start: spawn .*ENOENT/);
  });

  it('given an abort while it starts, then the start fails', async () => {
    const controller = new AbortController();
    const plan = await programThat('echo starting; exec sleep 60');
    const started = startPlan(plan, {
      ...options,
      signal: controller.signal,
      onOutput: () => controller.abort(),
    });
    await expect(started).rejects.toThrow('aborted');
  });

  it('kills a program that does not end when asked', { timeout: 20_000 }, async () => {
    const plan = await programThat('trap "" TERM; echo ready; while true; do sleep 0.1; done');
    const engine = await startPlan(plan, options);
    const before = performance.now();
    await engine.stop();
    expect(performance.now() - before).toBeLessThan(12_000);
    expect(() => process.kill(engine.pid ?? Number.NaN, 0)).toThrow('ESRCH');
  });

  it('uses another port when the free one is taken meanwhile, unless it was requested', async () => {
    const { port, ...anyPort } = options;
    const bin = join(options.dataDir, 'bin');
    await mkdir(bin, { recursive: true });
    // The first start finds its port taken; the second is ready.
    const program = `#!/bin/sh
[ "$1" = --version ] && echo "nats-server: v2.12.1" && exit
[ -e "$0.tried" ] && echo "Server is ready" && exec sleep 60
touch "$0.tried"; echo "listen tcp 127.0.0.1: bind: address already in use" >&2; exit 1\n`;
    await writeFile(join(bin, 'nats-server'), program, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH}`, ENGINES: 'path' };
    await expect(startBroker({ ...anyPort, port: port ?? 0, env })).rejects.toThrow('address already in use');
    await rm(join(bin, 'nats-server.tried'));
    const engine = await startBroker({ ...anyPort, env });
    onTestFinished(() => engine.stop());
    expect(engine.source).toBe('path');
  });

  it('picks another free port each time when none is requested', async () => {
    const { port: _, ...anyPort } = options;
    const plans = await Promise.all([resolveDatabase(anyPort), resolveDatabase(anyPort)]);
    expect(plans.map((plan) => plan.kind)).toEqual(['process', 'process']);
    expect(new Set(plans.map((plan) => (plan.kind === 'process' ? plan.port : 0))).size).toBe(2);
  });
});

describe('the report', () => {
  it('overwrites progress in a terminal and shortens it elsewhere', () => {
    for (const isTTY of [true, false]) {
      const written: string[] = [];
      const stream = Object.assign(Object.create(process.stderr), {
        isTTY,
        write: (text: string) => written.push(text),
      });
      const report = createReport(stream);
      report.progress('1 of 2');
      report.progress('2 of 2');
      report.notice('done');
      const erase = '\r\u001b[2K';
      expect(written).toEqual(
        isTTY ? [`${erase}1 of 2`, `${erase}2 of 2`, `${erase}done\n`] : ['1 of 2\n', 'done\n'],
      );
    }
  });
});
