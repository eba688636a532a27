import { ensureTopology, keepTopology } from '@quartet/common/events/broker/topology.ts';
import { runConsumer } from '@quartet/common/events/consumer/consumer.ts';
import { ensureConsumer } from '@quartet/common/events/consumer/durable-consumer.ts';
import { contracts, eventTypes } from '@quartet/common/events/contracts.ts';
import { openDeadLetters } from '@quartet/common/events/dead-letters/dead-letters.ts';
import { knownSinceMetadata } from '@quartet/common/events/kv/known-since.ts';
import { createRevocationPublisher, watchRevocations } from '@quartet/common/events/kv/revocation-bucket.ts';
import {
  readLastDocument,
  storeLastDocument,
  storeRegistration,
} from '@quartet/common/events/kv/service-registry.ts';
import { openTicketBucket } from '@quartet/common/events/kv/ticket-bucket.ts';
import { watchBucket } from '@quartet/common/events/kv/watched-bucket.ts';
import { followEvents } from '@quartet/common/events/live/event-tail.ts';
import { readEvents } from '@quartet/common/events/live/read-events.ts';
import type { StoredEvent } from '@quartet/common/events/live/stored-event.ts';
import { createStatusGatherer } from '@quartet/common/events/status/status-gatherer.ts';
import { createStatusResponder } from '@quartet/common/events/status/status-responder.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type GuardedBroker, startGuardedBroker } from '../../tests/support/guarded-broker.ts';
import { startTcpProxy } from '../../tests/support/tcp-proxy.ts';

/** These actions are rare in a stack with few users. */
let broker: GuardedBroker;
const log = createLog('test', 'silent');

beforeAll(async () => {
  broker = await startGuardedBroker();
});
afterAll(() => broker.stop());

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

function untilTestEnds(): AbortSignal {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return controller.signal;
}

test('given more revocations than fit in one window of the broker, then all arrive', async () => {
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

test('given registered routes, then the gateway receives them and stores the merged document', async () => {
  const { broker: items } = await broker.as('items');
  const { broker: gateway, refusals } = await broker.as('gateway');
  await storeRegistration(items, 'items', { routes: [] });
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
  await kv.delete('b');
  await expect.poll(() => [...keys]).toEqual([]);
  expect(refusals).toEqual([]);
});

test('given events, then the gateway follows them and reads them again, and publishes none', async () => {
  const { broker: items } = await broker.as('items');
  const { broker: gateway, refusals } = await broker.as('gateway');
  const { names } = gateway;
  const { seq: before } = await items.js.publish(names.event('item.created'), 'before');
  const seen: string[] = [];
  const follower = {
    opened: () => before,
    looked: () => undefined,
    stored: ({ text }: StoredEvent) => void seen.push(text),
  };
  await followEvents(gateway, follower, log, untilTestEnds());
  await items.js.publish(names.event('item.updated'), 'after');
  await expect.poll(() => seen).toEqual(['before', 'after']);
  expect((await readEvents(gateway, before, before + 1)).map(({ text }) => text)).toEqual(seen);
  expect(refusals).toEqual([]);
  for (const type of eventTypes) gateway.nc.publish(names.event(type), '{}');
  await expect.poll(() => refusals.map(({ subject }) => subject)).toEqual(eventTypes.map(names.event));
  expect((await gateway.jsm.streams.info(names.eventStream)).state.last_seq).toBe(before + 1);
});

test('given tickets, then the gateway keeps them and takes each once', async () => {
  const [one, other] = [await broker.as('gateway'), await broker.as('gateway')];
  const buckets = await Promise.all([one, other].map((each) => openTicketBucket(each.broker)));
  await buckets[0]?.put('a', { for: 'ada' });
  const taken = await Promise.all(Array.from({ length: 20 }, (_, at) => buckets[at % 2]?.take('a')));
  expect(taken.filter((value) => value !== undefined)).toEqual([{ for: 'ada' }]);
  expect(await buckets[0]?.take('b')).toBeUndefined();
  expect([...one.refusals, ...other.refusals]).toEqual([]);
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

test('given a question of the gateway, then every service answers in its own name, and no permission is missing', async () => {
  const [gateway, auth, items, notifier] = await Promise.all(
    (['gateway', 'auth', 'items', 'notifier'] as const).map((user) => broker.as(user)),
  );
  if (!gateway || !auth || !items || !notifier) throw new Error('a user is missing');
  const others = Object.entries({ auth, items, notifier });
  const [own, ...responders] = [['gateway', gateway] as const, ...others].map(([name, user]) =>
    createStatusResponder(name, user.broker, log),
  );
  if (!own) throw new Error('the gateway has no responder');
  const services = ['gateway', ...others.map(([name]) => name)];
  const gatherer = createStatusGatherer({ broker: gateway.broker, services, own, self: 'gateway', log });
  await Promise.all(others.map(([, user]) => user.broker.nc.flush()));
  const { brokerAnswers, reports, silentServices } = await gatherer.gather();
  expect([brokerAnswers, silentServices]).toEqual([true, []]);
  expect(reports.map(({ service }) => service).toSorted()).toEqual(services.toSorted());
  for (const responder of [own, ...responders]) responder.leave();
  expect([gateway, auth, items, notifier].flatMap(({ refusals }) => refusals)).toEqual([]);
});

test.each(eventTypes)(
  'given the event %s, then its producer may publish it and the event stream stores it',
  async (type) => {
    const { broker: producer, refusals } = await broker.as(contracts[type].producer);
    const { stream, seq } = await producer.js.publish(producer.names.event(type), '{}');
    expect([stream, refusals]).toEqual([producer.names.eventStream, []]);
    const { jsm } = (await broker.as('admin')).broker;
    expect((await jsm.streams.getMessage(stream, { seq }))?.subject).toBe(producer.names.event(type));
  },
);

test('given existing streams and consumers, then auth and the consumers update them', async () => {
  const { broker: auth, refusals } = await broker.as('auth');
  const items = await broker.as('items');
  await ensureTopology(auth, 7200);
  const durable = { broker: items.broker, name: 'items', ackWaitMs: 1_000 };
  await ensureConsumer({ ...durable, types: ['user.deleted'] });
  await ensureConsumer({ ...durable, types: ['user.deleted', 'user.updated'] });
  expect([...refusals, ...items.refusals]).toEqual([]);
});

test('given streams that are deleted, then auth creates them, the others use them, and no permission is missing', {
  timeout: 60_000,
}, async () => {
  const [admin, auth, items, gateway] = await Promise.all(
    (['admin', 'auth', 'items', 'gateway'] as const).map((user) => broker.as(user)),
  );
  if (!admin || !auth || !items || !gateway) throw new Error('a user is missing');
  const signal = untilTestEnds();
  const { names } = admin.broker;
  const map = createRevocationMap();
  await watchRevocations(items.broker, map, log, signal);
  const running = await runConsumer({ broker: items.broker, name: 'items', handlers: {}, log });
  const routes = new Set<string>();
  const watcher = { put: (key: string) => void routes.add(key), removed: () => undefined };
  await watchBucket(gateway.broker, names.routes, watcher, log, signal);
  const recreated = () => storeRegistration(items.broker, 'items', { routes: [] });
  await items.broker.looks.keep(`KV_${names.routes}`, { recreated }, signal);
  routes.clear();

  const { streams, consumers } = admin.broker.jsm;
  const revocations = `KV_${names.revocations}`;
  for (const stream of [names.eventStream, names.deadLetterStream, revocations, `KV_${names.routes}`]) {
    await streams.delete(stream);
  }
  keepTopology(auth.broker, () => ensureTopology(auth.broker, 3600, { knownSince: () => 1 }), signal);
  await expect.poll(() => [...routes]).toEqual(['items']);
  const durables = async () => (await consumers.list(names.eventStream).next()).map(({ name }) => name);
  await expect.poll(() => durables().catch(() => [])).toEqual(['items']);
  const publisher = await createRevocationPublisher(auth.broker);
  await publisher.session('s1', Date.now() / 1000 + 60);
  await expect.poll(() => map.hasEnded('s1')).toBe(true);
  // auth's guard does the same.
  const { config } = await streams.info(revocations);
  const metadata = { ...config.metadata, ...knownSinceMetadata(4_000_000_000) };
  await auth.broker.jsm.streams.update(revocations, { ...config, metadata });
  await expect.poll(() => map.knownSince()).toBe(4_000_000_000);
  expect([...auth.refusals, ...items.refusals, ...gateway.refusals]).toEqual([]);
  await running.stop();
});

test('given a connection that breaks in a page of dead letters, then the notifier reads it on another connection', async () => {
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
