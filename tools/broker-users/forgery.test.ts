import { headers } from '@nats-io/transport-node';
import type { Broker } from '@quartet/common/events/broker/broker.ts';
import { ensureConsumer } from '@quartet/common/events/consumer/durable-consumer.ts';
import { openDeadLetters } from '@quartet/common/events/dead-letters/dead-letters.ts';
import { createRevocationPublisher, watchRevocations } from '@quartet/common/events/kv/revocation-bucket.ts';
import { storeLastDocument } from '@quartet/common/events/kv/service-registry.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { recordingLog } from '../../libs/common/test/event-kit.ts';
import { type GuardedBroker, startGuardedBroker } from '../../tests/support/guarded-broker.ts';
import { bucket } from './jetstream-subjects.ts';

/** A broker answers to any subject that a request names, so an answer with chosen text is a forgery. */
let broker: GuardedBroker;
let admin: Broker;

beforeAll(async () => {
  broker = await startGuardedBroker();
  ({ broker: admin } = await broker.as('admin'));
});
afterAll(() => broker.stop());

const FORGED = '"forged"';

async function lastUserCreated(): Promise<string | undefined> {
  const { jsm, names } = admin;
  const query = { last_by_subj: names.event('user.created') };
  return (await jsm.streams.getMessage(names.eventStream, query))?.string();
}

test('given its own document in the routes, then the gateway cannot have it sent as an event', async () => {
  const { broker: gateway, refusals } = await broker.as('gateway');
  const { nc, names } = gateway;
  await storeLastDocument(gateway, 'forged');
  const ask = bucket.readDirectly(names.routes).replace('>', 'openapi-document');
  nc.publish(ask, '', { reply: names.event('user.created') });
  await nc.flush();
  await expect.poll(() => refusals).toEqual([{ operation: 'publish', subject: ask }]);
  expect(await lastUserCreated()).toBeUndefined();
});

test('given its own event, then items cannot have its consumer send it as another', async () => {
  const { broker: items } = await broker.as('items');
  const { nc, js, names } = items;
  await ensureConsumer({ broker: items, name: 'items', ackWaitMs: 1_000, types: ['item.created'] });
  await js.publish(names.event('item.created'), FORGED);
  nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${names.eventStream}.items`, '1', {
    reply: names.event('user.created'),
  });
  const { jsm } = admin;
  const messages = async () => (await jsm.streams.info(names.eventStream)).state.messages;
  await expect.poll(messages).toBe(2);
  expect(await lastUserCreated()).toBeUndefined();
});

test('given an empty answer of the broker, then items cannot use it to empty the buckets', async () => {
  const { broker: items } = await broker.as('items');
  const { nc, names } = items;
  await ensureConsumer({ broker: items, name: 'items', ackWaitMs: 1_000, types: ['item.deleted'] });
  await admin.jsm.streams.purge(names.eventStream);
  for (const name of [names.revocations, names.limits, names.routes, names.tickets]) {
    const kv = await admin.kvm.open(name);
    await kv.put('kept', '1');
    const answered = admin.nc.subscribe('$JS.EVENT.ADVISORY.API');
    await admin.nc.flush();
    const purge = `$JS.API.STREAM.PURGE.KV_${name}`;
    // The answer has no text, and a request without text would be a purge.
    nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${names.eventStream}.items`, '{"batch":1,"no_wait":true}', {
      reply: purge,
    });
    for await (const message of answered) if (message.string().includes(purge)) break;
    expect((await kv.get('kept'))?.string()).toBe('1');
    await kv.delete('kept');
  }
});

test("given a consumer without a name, then the gateway cannot change another's by it", async () => {
  const { broker: items } = await broker.as('items');
  const { broker: gateway } = await broker.as('gateway');
  const { eventStream: stream_name } = gateway.names;
  await ensureConsumer({ broker: items, name: 'items', ackWaitMs: 1_000, types: ['item.updated'] });
  const before = (await admin.jsm.consumers.info(stream_name, 'items')).config;
  for (const name of [{ durable_name: 'items' }, { name: 'items' }]) {
    const request = { stream_name, config: { ...before, ...name, ack_policy: 'none' } };
    const answer = await gateway.nc.request(
      `$JS.API.CONSUMER.CREATE.${stream_name}`,
      JSON.stringify(request),
    );
    expect(answer.json()).toHaveProperty('error');
  }
  expect((await admin.jsm.consumers.info(stream_name, 'items')).config).toEqual(before);
});

test('given a header that rolls up a bucket, then items cannot remove the routes of others by it', async () => {
  const { broker: items } = await broker.as('items');
  const { nc, names } = items;
  const kv = await admin.kvm.open(names.routes);
  await kv.put('auth', '{"routes":[]}');
  const rollUp = headers();
  rollUp.set('Nats-Rollup', 'all');
  const answer = await nc.request(`$KV.${names.routes}.items`, '{"routes":[]}', {
    headers: rollUp,
    timeout: 5_000,
  });
  expect(answer.string()).toContain('rollup not permitted');
  expect((await kv.get('auth'))?.string()).toBe('{"routes":[]}');
});

test('given its own dead letter, then the notifier cannot have it sent as an event or a revocation', async () => {
  const { broker: notifier, refusals } = await broker.as('notifier');
  const { nc, js, jsm, names } = notifier;
  const { deadLetterStream: stream } = names;
  const { seq } = await js.publish(names.deadLetter('notifier'), FORGED);
  const revocations = `KV_${names.revocations}`;
  const targets = [
    { reply: names.event('user.created'), stored: names.eventStream },
    { reply: `$KV.${names.revocations}.somebody`, stored: revocations },
  ];
  for (const { reply, stored } of targets) {
    const before = (await admin.jsm.streams.info(stored)).state.messages;
    const readings = [
      `$JS.API.DIRECT.GET.${stream}`,
      `$JS.API.DIRECT.GET.${stream}.${names.deadLetter('notifier')}`,
    ];
    for (const reading of readings) nc.publish(reading, JSON.stringify({ seq }), { reply });
    await expect
      .poll(() => refusals.splice(0))
      .toEqual(readings.map((subject) => ({ operation: 'publish', subject })));
    // This is how a page of letters is read; a letter is sent under its own subject.
    const filter_subject = names.deadLetter('>');
    const { name } = await jsm.consumers.add(stream, {
      name: `to-${stored}`,
      filter_subject,
      ack_policy: 'none',
    });
    nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, '1', { reply });
    const messages = async () => (await admin.jsm.streams.info(stored)).state.messages;
    await expect.poll(messages).toBe(before + 1);
    expect(await admin.jsm.streams.getMessage(stored, { last_by_subj: reply })).toBeNull();
  }
});

test('given a dead letter that names another consumer, then items cannot have it replayed there', async () => {
  const { broker: items } = await broker.as('items');
  const { broker: notifier } = await broker.as('notifier');
  const at = new Date().toISOString();
  const letter = {
    consumer: 'notifier',
    subject: 'user.created',
    reason: 'none',
    attempts: 1,
    event: FORGED,
  };
  const text = JSON.stringify({ ...letter, first_seen_at: at, dead_at: at });
  const { seq } = await items.js.publish(items.names.deadLetter('items'), text);
  const letters = openDeadLetters(notifier);
  const { consumer, reason } = (await letters.find(String(seq))) ?? expect.fail();
  expect({ consumer, reason }).toEqual({ consumer: 'items', reason: 'not written by a consumer' });
  expect(await letters.replay(String(seq))).toBe(true);
  const { jsm, names } = admin;
  const lastTo = (to: string) =>
    jsm.streams.getMessage(names.eventStream, { last_by_subj: names.replay(to) });
  expect((await lastTo('items'))?.string()).toContain('forged');
  expect(await lastTo('notifier')).toBeNull();
});

test('given a revocation that is overwritten with an answer of the broker, then auth writes it again', async () => {
  const { broker: auth } = await broker.as('auth');
  const { broker: items } = await broker.as('items');
  const { names } = auth;
  const [userId, sessionId] = ['650000000000000000000001', 'a-session'];
  const until = Math.ceil(Date.now() / 1000) + 600;
  const revoked = { version: 1, sparedSession: null, isActive: true, isSuperuser: false, deleted: false };
  const publisher = await createRevocationPublisher(auth);
  const map = createRevocationMap();
  const { log, lines } = recordingLog();
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  await watchRevocations(auth, map, log, controller.signal, { publisher });
  // A replica may write it again first.
  const { broker: replica } = await broker.as('auth');
  const replicaMap = createRevocationMap();
  await watchRevocations(replica, replicaMap, log, controller.signal, {
    publisher: await createRevocationPublisher(replica),
  });
  await publisher.user(userId, { ...revoked, revision: 7 });
  await publisher.session(sessionId, until);
  for (const { size } of [map, replicaMap]) await expect.poll(size).toEqual({ user: 1, session: 1 });

  for (const key of [userId, `session.${sessionId}`]) {
    items.nc.publish(`$JS.API.STREAM.INFO.${names.eventStream}`, '', {
      reply: `$KV.${names.revocations}.${key}`,
    });
  }
  const unread = () => lines().filter(({ msg }) => msg === 'an entry of a bucket cannot be read').length;
  await expect.poll(unread).toBe(4);
  const kv = await admin.kvm.open(names.revocations);
  await expect.poll(async () => (await kv.get(userId))?.string()).toContain('"revision":7');
  await expect.poll(async () => (await kv.get(`session.${sessionId}`))?.string()).toBe(`{"until":${until}}`);
  for (const { nc } of [auth, replica]) await nc.flush();
  expect(lines().filter(({ msg }) => msg === 'a revocation is not repaired')).toEqual([]);
  const later = createRevocationMap();
  await watchRevocations(items, later, log, controller.signal);
  expect([later.get(userId)?.revision, later.hasEnded(sessionId)]).toEqual([7, true]);
});
