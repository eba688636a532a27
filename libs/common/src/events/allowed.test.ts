import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type GuardedBroker, startGuardedBroker } from '../../../../tests/support/guarded-broker.ts';
import { startTcpProxy } from '../../../../tests/support/tcp-proxy.ts';
import { createLog } from '../logging.ts';
import { readLastDocument, storeAnnouncement, storeLastDocument } from './announcement-bucket.ts';
import { ensureConsumer } from './consume-loop.ts';
import { openDeadLetters } from './dead-letters.ts';
import { ensureTopology } from './topology.ts';
import { watchBucket } from './watched-bucket.ts';

/** What services may do, at a real broker: what a stack that few use does not come to. */
let broker: GuardedBroker;
const log = createLog('test', 'silent');

beforeAll(async () => {
  broker = await startGuardedBroker();
});
afterAll(() => broker.stop());

/** Keeps a copy of a bucket until the test is over. */
async function keysIn(user: 'gateway' | 'items' | 'auth', bucket: 'revocations' | 'routes' | 'limits') {
  const { broker: connection, refusals } = await broker.as(user);
  const keys = new Set<string>();
  const watcher = {
    put: (key: string) => void keys.add(key),
    removed: (key: string) => void keys.delete(key),
  };
  const watching = new AbortController();
  onTestFinished(() => watching.abort());
  await watchBucket(connection, connection.names[bucket], watcher, log, watching.signal);
  return { keys, refusals };
}

test('given more revocations than the broker sends before it hears that they are read, then all arrive', async () => {
  const { broker: auth } = await broker.as('auth');
  const kv = await auth.kvm.open(auth.names.revocations);
  const [count, atOnce, value] = [600, 50, JSON.stringify('x'.repeat(100_000))];
  for (let from = 0; from < count; from += atOnce) {
    const keys = Array.from({ length: atOnce }, (_, at) => `user-${from + at}`);
    await Promise.all(keys.map((key) => kv.put(key, value)));
  }
  const { keys, refusals } = await keysIn('items', 'revocations');
  expect(keys.size).toBe(count);
  expect(refusals).toEqual([]);
});

test('given routes that services tell, then the gateway hears them and keeps the document made of them', async () => {
  const { broker: items } = await broker.as('items');
  const { broker: gateway, refusals } = await broker.as('gateway');
  await storeAnnouncement(items, 'items', { routes: [] });
  await storeLastDocument(gateway, '{}');
  expect(await readLastDocument(gateway)).toBe('{}');
  const watching = await keysIn('gateway', 'routes');
  expect([...watching.keys]).toContain('items');
  expect([...refusals, ...watching.refusals]).toEqual([]);
});

test('given the bucket of limits, then auth may do everything with its keys', async () => {
  const { broker: auth, refusals } = await broker.as('auth');
  const kv = await auth.kvm.create(auth.names.limits, { history: 1 });
  const revision = await kv.create('a', '1');
  expect((await kv.get('a'))?.string()).toBe('1');
  await kv.update('a', '2', revision);
  await kv.put('b', '1');
  const { keys } = await keysIn('auth', 'limits');
  await kv.delete('a');
  await kv.purge('b');
  await expect.poll(() => [...keys]).toEqual([]);
  expect(refusals).toEqual([]);
});

test('given dead letters, then the notifier lists, finds, replays and discards them', async () => {
  const { broker: admin } = await broker.as('admin');
  const { broker: notifier, refusals } = await broker.as('notifier');
  for (const reason of ['one', 'two', 'three'])
    await admin.js.publish(admin.names.deadLetter('items'), reason);
  const letters = openDeadLetters(notifier);
  const { data, count } = await letters.list({ consumer: 'items' }, { skip: 0, limit: 2 });
  expect(count).toBe(3);
  const [newest, middle] = data.map(({ id }) => id);
  expect(await letters.find(newest ?? '')).toMatchObject({ consumer: 'items' });
  expect(await letters.replay(newest ?? '')).toBe(true);
  expect(await letters.discard(middle ?? '')).toBe(true);
  expect((await letters.list({}, { skip: 0, limit: 10 })).count).toBe(1);
  expect(refusals).toEqual([]);
});

test('given streams and consumers that are there, then auth and the consumers bring them up to date', async () => {
  const { broker: auth, refusals } = await broker.as('auth');
  const items = await broker.as('items');
  await ensureTopology(auth, 7200);
  const durable = { broker: items.broker, name: 'items', ackWaitMs: 1_000 };
  await ensureConsumer({ ...durable, types: ['user.deleted'] });
  await ensureConsumer({ ...durable, types: ['user.deleted', 'user.updated'] });
  expect([...refusals, ...items.refusals]).toEqual([]);
});

test('given a connection that breaks in a page of dead letters, then the notifier reads it on another', async () => {
  const between = await startTcpProxy({ stopLater: onTestFinished }, broker.url);
  const { broker: notifier, refusals } = await broker.as('notifier', between.url);
  await notifier.js.publish(notifier.names.deadLetter('notifier'), 'late');
  const asked = between.cutAt('CONSUMER.MSG.NEXT');
  const page = openDeadLetters(notifier).list({ consumer: 'notifier' }, { skip: 0, limit: 1 });
  await asked;
  between.mend();
  expect((await page).data).toMatchObject([{ event: 'late' }]);
  expect(refusals).toEqual([]);
});
