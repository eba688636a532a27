import { once } from 'node:events';
import { createServer } from 'node:net';
import type { JetStreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { connectTo, recordingLog } from '../../../test/event-kit.ts';
import { eventTypes } from '../contracts.ts';
import { openDeadLetters } from '../dead-letters/dead-letters.ts';
import { connectBroker } from './broker.ts';
import { namesIn } from './names.ts';
import { ensureTopology, eventSubjects, keepTopology, waitForTopology } from './topology.ts';

let bed: Testbed;
const { log, lines } = recordingLog();

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

const lifeOf = async () => {
  const { jsm, names } = bed.broker;
  return (await jsm.streams.info(`KV_${names.revocations}`)).config.max_age / 1e9;
};

describe('streams and buckets', () => {
  test('given five replicas, when they make the topology at once, then all succeed and waiting processes continue', async () => {
    const waiting = waitForTopology(bed.broker, log, AbortSignal.timeout(20_000));
    await expect.poll(() => lines().length).toBeGreaterThan(0);
    const replicas = await Promise.all(
      Array.from({ length: 5 }, () => connectTo(bed.env.NATS_URL ?? '', log, bed.env.NATS_NAMESPACE)),
    );
    await Promise.all(replicas.map(({ broker }) => ensureTopology(broker, 3600)));
    await waiting;
    expect(await lifeOf()).toBe(3600);
    await Promise.all(replicas.map(({ broker }) => broker.close()));
  });

  test('given two replicas, when one makes the topology before the other does, then both succeed', async () => {
    const [quick, slow] = await Promise.all(
      ['quick', 'slow'].map(() => connectTo(bed.env.NATS_URL ?? '', log, 'raced')),
    );
    if (!quick || !slow) throw new Error('nobody is connected');
    const bucket = `KV_${slow.broker.names.revocations}`;
    const streams = Object.getPrototypeOf(slow.broker.jsm.streams) as JetStreamManager['streams'];
    const { add } = streams;
    let isAhead = false;
    const spy = vi.spyOn(streams, 'add').mockImplementation(async function (this: typeof streams, config) {
      if (config.name === bucket && !isAhead) {
        isAhead = true;
        await ensureTopology(quick.broker, 3600);
      }
      return add.call(this, config);
    });
    try {
      await ensureTopology(slow.broker, 3600);
      expect(isAhead).toBe(true);
    } finally {
      spy.mockRestore();
      await Promise.all([quick.broker.close(), slow.broker.close()]);
    }
  });

  test('given streams with events, when the topology is made again, then no event is lost', async () => {
    const { js, jsm, names } = bed.broker;
    await js.publish(names.event('item.created'), 'x');
    const kv = await bed.broker.kvm.open(names.revocations);
    await kv.put('user', '1');
    await ensureTopology(bed.broker, 3600);
    expect((await jsm.streams.info(names.eventStream)).state.messages).toBe(1);
    expect((await kv.get('user'))?.string()).toBe('1');
  });

  test('given an event of a new group, then the event stream has subjects for it', () => {
    const subjects = eventSubjects(bed.broker.names, ['note.created', 'note.deleted', 'user.created']);
    const { event, replay } = bed.broker.names;
    expect(subjects).toEqual([event('note.>'), event('user.>'), replay('>')]);
  });

  test.each([undefined, 'demo'])(
    'given the namespace %s, then the event stream takes every event',
    (namespace) => {
      const names = namesIn(namespace);
      const patterns = eventSubjects(names, eventTypes).map(
        (subject) => new RegExp(`^${subject.replaceAll('.', '\\.').replace(/>$/, '.+')}$`),
      );
      const without = eventTypes.filter(
        (type) => !patterns.some((pattern) => pattern.test(names.event(type))),
      );
      expect(without).toEqual([]);
    },
  );

  test('given the subjects of an earlier release, when auth is upgraded, then the stream has the subjects of all events', async () => {
    const { broker } = await connectTo(bed.env.NATS_URL ?? '', log, 'fewer');
    const { jsm, names } = broker;
    // All but one group, some of them spelled out, and a group that only a newer release knows.
    const [, ...others] = eventSubjects(names, eventTypes);
    const kept = others.filter((subject) => subject !== names.event('item.>'));
    const subjects = [...kept, names.event('item.created'), names.event('later.>')];
    await jsm.streams.add({ name: names.eventStream, subjects });
    await ensureTopology(broker, 3600);
    const subjectsNow = async () => (await jsm.streams.info(names.eventStream)).config.subjects;
    expect(await subjectsNow()).toEqual([...eventSubjects(names, eventTypes), names.event('later.>')]);

    const controller = new AbortController();
    const ensure = () => ensureTopology(broker, 3600);
    keepTopology(broker, ensure, controller.signal);
    // As an auth of an earlier release does when it starts again during an upgrade.
    await jsm.streams.update(names.eventStream, { subjects: kept });
    await expect.poll(subjectsNow, { timeout: 10_000 }).toEqual(eventSubjects(names, eventTypes));
    controller.abort();
    await broker.close();
  });

  test('given streams of an older version, when the topology is made, then they are updated, and services wait for that', async () => {
    const { broker } = await connectTo(bed.env.NATS_URL ?? '', log, 'older');
    const { jsm, js, names } = broker;
    const subjects = eventSubjects(names, eventTypes).filter((subject) => subject !== names.replay('>'));
    const old = { name: names.eventStream, subjects, max_age: 30 * 86_400e9, duplicate_window: 600e9 };
    await jsm.streams.add(old);
    await jsm.streams.add({
      name: names.deadLetterStream,
      subjects: [names.deadLetter('>')],
      duplicate_window: 600e9,
    });
    await broker.kvm.create(names.revocations, { history: 1, ttl: 3600_000 });
    await js.publish(names.event('item.created'), 'x');
    await js.publish(
      names.deadLetter('items'),
      JSON.stringify({ consumer: 'items', subject: 'item.created' }),
    );
    let isOver = false;
    const waiting = waitForTopology(broker, log, AbortSignal.timeout(20_000)).then(() => {
      isOver = true;
    });
    await expect
      .poll(() => lines().some(({ reason }) => String(reason).includes('older.replay.>')))
      .toBe(true);
    expect(isOver).toBe(false);
    await ensureTopology(broker, 3600);
    await waiting;
    expect((await jsm.streams.info(names.eventStream)).state.messages).toBe(1);
    expect(await openDeadLetters(broker).list({ consumer: 'items' }, { skip: 0, limit: 10 })).toMatchObject({
      count: 1,
    });
    await broker.close();
  });

  test('given another token life, when the topology is made, then revocations are kept longer but never shorter', async () => {
    // Tokens of the longer life are still about: their revocations must outlive them.
    await ensureTopology(bed.broker, 7200);
    expect(await lifeOf()).toBe(7200);
    await ensureTopology(bed.broker, 60);
    expect(await lifeOf()).toBe(7200);
  });

  test('given another life of counts, when the topology is made, then the limit bucket has it and keeps its entries', async () => {
    const { jsm, kvm, names } = bed.broker;
    const life = async () => (await jsm.streams.info(`KV_${names.limits}`)).config.max_age / 1e9;
    await (await kvm.open(names.limits)).put('key', '1');
    for (const seconds of [7_200, 60, 3_600]) {
      await ensureTopology(bed.broker, 3600, { limitLifeSeconds: seconds });
      expect(await life()).toBe(seconds);
    }
    expect((await (await kvm.open(names.limits)).get('key'))?.string()).toBe('1');
  });

  test('given more replicas than servers, when the topology is made, then it fails and names the reason', async () => {
    await expect(ensureTopology(bed.broker, 3600, { replicas: 3 })).rejects.toThrow(
      /replicas > 1 not supported/,
    );
  });

  test('given a wait for the topology, when the signal aborts, then the wait ends', async () => {
    const { broker } = await connectTo(bed.env.NATS_URL ?? '', log, 'never_made');
    await expect(waitForTopology(broker, log, AbortSignal.timeout(50))).rejects.toThrow();
    await broker.close();
  });
});

describe('connecting', () => {
  test('given a server that is too old, when a service connects, then the error names the reason', async () => {
    const server = createServer((socket) => {
      socket.write(
        'INFO {"server_id":"x","version":"2.9.10","headers":true,"max_payload":1048576,"proto":1}\r\n',
      );
      socket.on('data', (data) => void (data.includes('PING') && socket.write('PONG\r\n')));
      socket.on('error', () => {});
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const options = {
      servers: [`nats://127.0.0.1:${port}`],
      name: 'test',
      log,
      signal: AbortSignal.timeout(5_000),
    };
    await expect(connectBroker(options)).rejects.toThrow(
      'NATS server 2.9.10 is too old: 2.11 or newer is needed',
    );
    // The refused connection is closed, so the server can end.
    server.close();
    await once(server, 'close');
  });

  test('given no server, when a service connects, then it waits, logs no password, and stops when the signal aborts', async () => {
    const controller = new AbortController();
    const options = {
      servers: ['nats://user:hunter22@127.0.0.1:1'],
      name: 'test',
      log,
      signal: controller.signal,
    };
    const connecting = connectBroker(options);
    await expect
      .poll(() => lines().some(({ msg }) => msg === 'waiting for the broker'), { timeout: 10_000 })
      .toBe(true);
    controller.abort();
    await expect(connecting).rejects.toThrow(/abort/i);
    expect(JSON.stringify(lines())).not.toContain('hunter22');
  });
});
