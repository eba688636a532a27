import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { requireDocker } from './docker.ts';
import { freePort, startBroker, startDatabase } from './index.ts';
import type { EngineOptions } from './types.ts';

let options: EngineOptions;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quartet-docker-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  options = { dataDir: join(folder, 'data'), port: await freePort() };
});

async function containersOf(dataDir: string) {
  const { container } = await requireDocker();
  const all = await container.dockerode.listContainers({ all: true, filters: { label: ['quartet.data'] } });
  return all.filter(({ Labels }) => Labels['quartet.data']?.startsWith(dataDir));
}

// Elsewhere, a test run would pull images of hundreds of megabytes.
describe.runIf(process.env.ENGINES === 'docker')('an engine in Docker', { timeout: 60_000 }, () => {
  it('listens only on this machine, and its container is removed after a stop', async () => {
    const engine = await startBroker(options);
    const [container] = await containersOf(options.dataDir);
    expect(container?.Ports.filter((port) => port.PublicPort !== undefined)).toEqual([
      { IP: '127.0.0.1', PrivatePort: 4222, PublicPort: options.port, Type: 'tcp' },
    ]);
    await engine.stop();
    expect(await containersOf(options.dataDir)).toEqual([]);
  });

  it('restarts on its port with its data after kill -9 of its process', async () => {
    const first = await startDatabase(options);
    const client = await new MongoClient(first.url, { serverSelectionTimeoutMS: 20_000 }).connect();
    onTestFinished(() => client.close());
    const notes = client.db('app').collection('notes');
    await notes.insertMany([{ n: 1 }, { n: 2 }]);
    process.kill(first.pid ?? Number.NaN, 'SIGKILL');
    await first.stop();
    expect(await containersOf(options.dataDir)).toHaveLength(1);

    const second = await startDatabase(options);
    expect(second.url).toBe(first.url);
    expect(await notes.countDocuments()).toBe(2);
    expect(await containersOf(options.dataDir)).toHaveLength(1);
    await second.stop();
  });

  it('ends its process when its container dies', async () => {
    const engine = await startBroker(options);
    const [container] = await containersOf(options.dataDir);
    const { container: containers } = await requireDocker();
    await containers.getById(container?.Id ?? '').kill();
    await vi.waitFor(() => expect(() => process.kill(engine.pid ?? Number.NaN, 0)).toThrow('ESRCH'), {
      timeout: 10_000,
    });
    expect(await containersOf(options.dataDir)).toEqual([]);
    await engine.stop();
  });
});
