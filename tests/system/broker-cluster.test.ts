import { type Broker, connectBroker } from '@quartet/common/events/broker/broker.ts';
import { ensureTopology } from '@quartet/common/events/broker/topology.ts';
import { openDeadLetters } from '@quartet/common/events/dead-letters/dead-letters.ts';
import { createRevocationPublisher, watchRevocations } from '@quartet/common/events/kv/revocation-bucket.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { recordingLog, storedIds } from '../../libs/common/test/event-kit.ts';
import { type BrokerCluster, startBrokerCluster } from '../support/broker-cluster.ts';
import { canKillBroker } from '../support/own-broker.ts';

const LIFE_SECONDS = 3600;
const REVOKED = { version: 1, sparedSession: null, isActive: true, isSuperuser: false, deleted: false };

describe.skipIf(!canKillBroker)('a cluster of three brokers', () => {
  let cluster: BrokerCluster;
  let broker: Broker;
  const controller = new AbortController();
  const { log } = recordingLog();

  const streams = () => {
    const { eventStream, deadLetterStream, revocations, routes, limits } = broker.names;
    return [eventStream, deadLetterStream, ...[revocations, routes, limits].map((name) => `KV_${name}`)];
  };
  const copies = () =>
    Promise.all(
      streams().map(
        async (name) => (await broker.jsm.streams.info(name).catch(() => undefined))?.config.num_replicas,
      ),
    );
  /** Resolves when each server has every message. */
  const whole = async () => {
    const isWhole = async (stream: string) => {
      const { cluster: state } = await broker.jsm.streams.info(stream);
      return (
        state?.leader !== undefined &&
        state.replicas?.length === 2 &&
        state.replicas.every(({ current }) => current)
      );
    };
    for (const stream of streams()) {
      await expect.poll(() => isWhole(stream).catch(() => false), { timeout: 30_000 }).toBe(true);
    }
  };
  /** A cluster without a leader refuses, or does not answer. */
  const succeeds = (action: () => Promise<unknown>): Promise<boolean> =>
    action().then(
      () => true,
      () => false,
    );
  const made = (replicas?: number) => succeeds(() => ensureTopology(broker, LIFE_SECONDS, { replicas }));

  beforeAll(async () => {
    cluster = await startBrokerCluster();
    broker = await connectBroker({ servers: cluster.urls, name: 'test', log, signal: controller.signal });
  });
  afterAll(async () => {
    controller.abort();
    await broker?.close();
    await cluster?.stop();
  });

  test('given the number of copies, then each stream has so many; an unset number changes nothing', async () => {
    await expect.poll(() => made(), { timeout: 30_000 }).toBe(true);
    expect(await copies()).toEqual([1, 1, 1, 1, 1]);
    for (const replicas of [3, undefined]) {
      await expect.poll(() => made(replicas), { timeout: 30_000 }).toBe(true);
      expect(await copies()).toEqual([3, 3, 3, 3, 3]);
    }
  });

  test('given dead letters, then every server returns each page at once', async () => {
    await whole();
    const { js, names } = broker;
    for (let n = 1; n <= 9; n += 1) await js.publish(names.deadLetter('items'), `letter ${n}`);
    for (const url of cluster.urls) {
      const asked = await connectBroker({ servers: [url], name: 'test', log, signal: controller.signal });
      onTestFinished(() => asked.close());
      const letters = openDeadLetters(asked);
      for (let round = 0; round < 20; round += 1) {
        const { data, count } = await letters.list({ consumer: 'items' }, { skip: 2, limit: 3 });
        const texts = data.map(({ event }) => event);
        expect({ texts, count }).toEqual({ texts: ['letter 7', 'letter 6', 'letter 5'], count: 9 });
      }
    }
  }, 120_000);

  test('given the events’ leader is killed under writes, then every acknowledged event exists', async () => {
    const { eventStream } = broker.names;
    await whole();
    const acknowledged: string[] = [];
    const publish = async (id: string) => {
      // Like the relay, it repeats the id until the acknowledgement: the event may be stored without one.
      const store = () =>
        broker.js.publish(broker.names.event('item.created'), id, { msgID: id, timeout: 1_000 });
      await expect.poll(() => succeeds(store), { timeout: 30_000 }).toBe(true);
      acknowledged.push(id);
    };
    const { cluster: state } = await broker.jsm.streams.info(eventStream);
    const leader = state?.leader ?? '';
    for (let n = 0; n < 50; n += 1) await publish(`before-${n}`);
    const killed = cluster.kill(leader);
    for (let n = 0; n < 50; n += 1) await publish(`without-${n}`);
    await killed;
    // auth may be restarted meanwhile.
    await expect.poll(() => made(3)).toBe(true);
    await cluster.start(leader);
    await whole();
    expect(await storedIds(broker)).toEqual(acknowledged);
  }, 120_000);

  test('given the server of the revocation watch is killed, then revocations arrive again', async () => {
    const stream = `KV_${broker.names.revocations}`;
    await whole();
    const map = createRevocationMap();
    await watchRevocations(broker, map, log, controller.signal);
    const [watch] = await broker.jsm.consumers.list(stream).next();
    const server = watch?.cluster?.leader ?? '';
    await cluster.kill(server);
    const publisher = await createRevocationPublisher(broker);
    const publish = () => publisher.user('650000000000000000000001', { ...REVOKED, revision: 1 });
    await expect.poll(() => succeeds(publish), { timeout: 30_000 }).toBe(true);
    await expect.poll(() => map.size().user, { timeout: 30_000 }).toBe(1);
    await cluster.start(server);
    await whole();
  }, 120_000);
});
