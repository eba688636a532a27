import { afterEach, expect, inject, test } from 'vitest';
import { recordingLog } from '../../test/event-kit.ts';
import { createMetrics, type Metrics } from '../process/metrics.ts';
import { connectDatabase, type Database } from './database.ts';

const MOST = 3;
const opened: Database[] = [];

afterEach(() => Promise.all(opened.splice(0).map((database) => database.close())));

async function connect(options: Record<string, number>): Promise<{ database: Database; metrics: Metrics }> {
  const metrics = createMetrics();
  const url = new URL(inject('databaseUrl'));
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, String(value));
  const { signal } = new AbortController();
  const address = { url: url.href, name: 'test_pool' };
  const database = await connectDatabase(address, 'quartet-test', recordingLog().log, signal, { metrics });
  opened.push(database);
  return { database, metrics };
}

async function poolOf({ registry }: Metrics): Promise<Record<string, number>> {
  const states = (await registry.metrics()).matchAll(
    /^quartet_database_pool_connections\{state="(\w+)"\} (-?\d+)$/gm,
  );
  return Object.fromEntries([...states].map(([, state, value]) => [state, Number(value)]));
}

async function valueAt({ registry }: Metrics, name: string): Promise<number> {
  const line = (await registry.metrics())
    .split('\n')
    .find((it) => it.startsWith(`quartet_database_${name} `));
  return Number(line?.split(' ').at(-1));
}

test('given more commands than connections, when they run, then all connections are in use and finally all are idle', async () => {
  const { database, metrics } = await connect({ maxPoolSize: MOST });
  expect(await poolOf(metrics)).toEqual({ in_use: 0, idle: 1, waiting: 0 });
  const waits = () => valueAt(metrics, 'checkout_wait_seconds_count');
  const before = await waits();
  // Until all are in use: one connection could do any number of commands before the others are made.
  let areInUse = false;
  let pinged = 0;
  const pinging = Array.from({ length: 60 }, async () => {
    do {
      pinged += 1;
      await database.ping();
    } while (!areInUse);
  });
  try {
    await expect.poll(() => poolOf(metrics), { interval: 0 }).toMatchObject({ in_use: MOST });
  } finally {
    areInUse = true;
    await Promise.all(pinging);
  }
  expect(await poolOf(metrics)).toEqual({ in_use: 0, idle: MOST, waiting: 0 });
  expect((await waits()) - before).toBe(pinged);
});

test('given commands that get no connection, when their wait ends, then each is counted and none is left waiting', async () => {
  const { database, metrics } = await connect({ maxPoolSize: 1, waitQueueTimeoutMS: 20 });
  const failures = async () => (await valueAt(metrics, 'checkout_failures_total{reason="timeout"}')) || 0;
  // The first command may have waited in vain too, while its connection was made.
  const before = await failures();
  const pings = await Promise.allSettled(Array.from({ length: 3_000 }, () => database.ping()));
  const failed = pings.filter(({ status }) => status === 'rejected').length;
  expect(failed).toBeGreaterThan(0);
  expect((await failures()) - before).toBe(failed);
  expect(await poolOf(metrics)).toMatchObject({ in_use: 0, waiting: 0 });
});
