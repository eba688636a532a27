import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canKillBroker, type OwnBroker, startOwnBroker } from '../../../../../tests/support/own-broker.ts';
import { connectTo, itemEvent, recordingLog } from '../../../test/event-kit.ts';
import { runConsumer } from '../consumer/consumer.ts';
import { createRevocationPublisher } from '../kv/revocation-bucket.ts';
import { watchBucket } from '../kv/watched-bucket.ts';
import { ensureTopology } from './topology.ts';

describe.skipIf(!canKillBroker)('a broker that is killed and comes back', () => {
  let own: OwnBroker;
  let connection: Awaited<ReturnType<typeof connectTo>>;
  const { log, lines } = recordingLog();

  beforeAll(async () => {
    own = await startOwnBroker();
    connection = await connectTo(own.url, log);
    await ensureTopology(connection.broker, 3600);
  });
  afterAll(async () => {
    connection.abort();
    await connection.broker.close();
    await own.stop();
  });

  test('given a watched bucket, a consumer and a writer, when the broker returns, then all of them work again', {
    timeout: 60_000,
  }, async () => {
    const { broker, signal } = connection;
    const seen: string[] = [];
    const copy = new Map<string, unknown>();
    const watcher = {
      put: (key: string, value: unknown) => void copy.set(key, value),
      removed: (key: string) => void copy.delete(key),
    };
    const consumer = await runConsumer({
      broker,
      name: 'c',
      handlers: { 'item.created': async ({ id }) => void seen.push(id) },
      log,
    });
    const kv = await broker.kvm.open(broker.names.routes);
    await kv.put('a', '1');
    await watchBucket(broker, broker.names.routes, watcher, log, signal);
    const publish = async () => {
      const event = itemEvent();
      await broker.js.publish(broker.names.event(event.type), JSON.stringify(event));
      return event.id;
    };
    const publisher = await createRevocationPublisher(broker);
    const entry = {
      revision: 1,
      version: 1,
      sparedSession: null,
      isActive: true,
      isSuperuser: false,
      deleted: false,
    };
    const ids = [await publish()];
    await expect.poll(() => seen).toEqual(ids);
    for (let kill = 1; kill <= 2; kill += 1) {
      await own.kill();
      await expect.poll(() => broker.isConnected()).toBe(false);
      await own.start();
      await expect.poll(() => broker.isConnected(), { timeout: 10_000 }).toBe(true);
      await kv.put('a', JSON.stringify(kill + 1));
      await kv.put(`new-${kill}`, '"new"');
      ids.push(await publish());
      await publisher.user('user', { ...entry, revision: kill });
      await expect
        .poll(() => [copy.get('a'), copy.get(`new-${kill}`)], { timeout: 20_000 })
        .toEqual([kill + 1, 'new']);
      await expect.poll(() => [...new Set(seen)].toSorted(), { timeout: 20_000 }).toEqual(ids.toSorted());
    }
    await consumer.stop();
    expect(lines().filter(({ msg }) => msg === 'broker connection is back')).toHaveLength(2);
  });
});
