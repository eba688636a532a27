import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { recordingLog } from '../../../test/event-kit.ts';
import { createRevocationMap, type Revocation } from '../../tokens/revocations.ts';
import { ensureTopology } from '../broker/topology.ts';
import { createRevocationPublisher, watchRevocations } from './revocation-bucket.ts';
import { storeRegistration, watchRegistrations } from './service-registry.ts';
import { watchBucket } from './watched-bucket.ts';

let bed: Testbed;
let buckets = 0;
/** pino's number for it. */
const WARN = 40;
const { log, lines } = recordingLog();

beforeAll(async () => {
  bed = await startTestbed();
  await ensureTopology(bed.broker, 3600);
});
afterAll(() => bed.stop());

const entry = (revision: number, more: Partial<Revocation> = {}): Revocation => ({
  revision,
  version: revision,
  sparedSession: null,
  isActive: true,
  isSuperuser: false,
  deleted: false,
  ...more,
});

async function newBucket() {
  buckets += 1;
  const name = `bucket_${buckets}_${bed.env.NATS_NAMESPACE}`;
  const kv = await bed.broker.kvm.create(name);
  bed.stopLater(() => kv.destroy().then(() => undefined));
  return { name, kv };
}

/** A map that a bucket is copied to. */
function watch(name: string, onPut: (value: unknown) => void = () => {}) {
  const copy = new Map<string, unknown>();
  const controller = new AbortController();
  bed.stopLater(async () => controller.abort());
  const watcher = {
    put(key: string, value: unknown) {
      onPut(value);
      copy.set(key, value);
    },
    removed: (key: string) => void copy.delete(key),
  };
  const complete = watchBucket(bed.broker, name, watcher, log, controller.signal);
  return { copy, complete, abort: () => controller.abort() };
}

describe('the copy of a bucket', () => {
  test('given 500 entries, then all are there when it resolves', async () => {
    const { name, kv } = await newBucket();
    await Promise.all(Array.from({ length: 500 }, (_, n) => kv.put(`k${n}`, JSON.stringify(n))));
    await kv.put('k7', '"seven"');
    const { copy, complete } = watch(name);
    await complete;
    expect(copy.size).toBe(500);
    expect(copy.get('k7')).toBe('seven');
  });

  test('given an empty bucket, then it resolves too, and what comes is seen', async () => {
    const { name, kv } = await newBucket();
    const { copy, complete } = watch(name);
    await complete;
    await kv.put('a', '{"x":1}');
    await expect.poll(() => copy.get('a')).toEqual({ x: 1 });
    await kv.delete('a');
    await expect.poll(() => copy.has('a')).toBe(false);
    await kv.put('a', '2');
    await expect.poll(() => copy.get('a')).toBe(2);
    await kv.purge('a');
    await expect.poll(() => copy.has('a')).toBe(false);
  });

  test('given a broker that drops the watch without a word, then it is begun anew, and what came meanwhile is seen', async () => {
    const { name, kv } = await newBucket();
    await kv.put('a', '1');
    const { copy, complete } = watch(name);
    await complete;
    const { consumers } = bed.broker.jsm;
    // As a server of a cluster does that dies: the client stays connected to another.
    const [consumer] = await consumers.list(`KV_${name}`).next();
    await consumers.delete(`KV_${name}`, consumer?.name ?? '');
    await kv.put('a', '2');
    await expect.poll(() => copy.get('a'), { timeout: 20_000 }).toBe(2);
    expect(lines().filter(({ bucket, level }) => bucket === name && level === WARN)).toHaveLength(1);
  });

  test('given another bucket of the same name, then what comes is seen at once, by one consumer that stays', {
    timeout: 60_000,
  }, async () => {
    const { name, kv } = await newBucket();
    for (let n = 0; n < 10; n += 1) await kv.put(`old${n}`, '1');
    const { copy, complete } = watch(name);
    await complete;
    const { streams, consumers } = bed.broker.jsm;
    await streams.delete(`KV_${name}`);
    const another = await bed.broker.kvm.create(name);
    await another.put('a', '1');
    await expect.poll(() => copy.get('a')).toBe(1);
    await another.put('a', '2');
    await expect.poll(() => copy.get('a')).toBe(2);
    // The client's own watch makes another one every 10 s or so, and leaves the former behind where it may not delete it.
    const isOld = async () =>
      (await consumers.list(`KV_${name}`).next()).map(
        ({ created }) => Date.now() - Date.parse(created) > 22_000,
      );
    await expect.poll(isOld, { timeout: 45_000, interval: 500 }).toEqual([true]);
  });

  test('given only removed keys, then it resolves with nothing', async () => {
    const { name, kv } = await newBucket();
    await kv.put('a', '1');
    await kv.delete('a');
    const { copy, complete } = watch(name);
    await complete;
    expect([...copy]).toEqual([]);
  });

  test('given an entry that cannot be read, then the others are all the same', async () => {
    const { name, kv } = await newBucket();
    await kv.put('a', '1');
    await kv.put('b', 'not JSON');
    await kv.put('c', '"refused"');
    await kv.put('d', '4');
    const { copy, complete } = watch(name, (value) => {
      if (value === 'refused') throw new Error('against its contract');
    });
    await complete;
    await kv.put('e', '5');
    await expect
      .poll(() => [...copy])
      .toEqual([
        ['a', 1],
        ['d', 4],
        ['e', 5],
      ]);
    expect(lines().filter(({ level, key }) => level === 50 && (key === 'b' || key === 'c'))).toHaveLength(2);
  });

  test('given a bucket that is not there yet, then it waits for it; aborted, it gives up', async () => {
    const { name, kv } = await newBucket();
    await kv.destroy();
    const { complete, copy } = watch(name);
    const givenUp = watch(`${name}_never`);
    givenUp.abort();
    await expect(givenUp.complete).rejects.toThrow(/abort/i);
    const made = await bed.broker.kvm.create(name);
    await made.put('a', '1');
    await complete;
    await expect.poll(() => copy.get('a'), { timeout: 10_000 }).toBe(1);
  });
});

describe('revocations', () => {
  test('given a newer entry in the bucket, then an older one does not overwrite it', async () => {
    const publisher = await createRevocationPublisher(bed.broker);
    await publisher.user('u1', entry(5));
    await publisher.user('u1', entry(3));
    await publisher.user('u1', entry(5, { version: 99 }));
    const kv = await bed.broker.kvm.open(bed.broker.names.revocations);
    expect((await kv.get('u1'))?.json()).toEqual(entry(5));
  });

  test('given an entry that nobody can read, then a revocation is written over it', async () => {
    const kv = await bed.broker.kvm.open(bed.broker.names.revocations);
    await kv.put('u4', '{"type":"no revocation"}');
    await kv.put('u5', 'not even JSON');
    const publisher = await createRevocationPublisher(bed.broker);
    await publisher.user('u4', entry(1));
    await publisher.user('u5', entry(1));
    expect((await kv.get('u4'))?.json()).toEqual(entry(1));
    expect((await kv.get('u5'))?.json()).toEqual(entry(1));
  });

  test('given 20 writers at once in any order, then the newest stays, and every copy has it', async () => {
    const copies = [createRevocationMap(), createRevocationMap()];
    const controller = new AbortController();
    await Promise.all(copies.map((map) => watchRevocations(bed.broker, map, log, controller.signal)));
    const writers = await Promise.all(
      Array.from({ length: 20 }, () => createRevocationPublisher(bed.broker)),
    );
    const revisions = writers.map((_, n) => ((n * 7) % 20) + 1);
    await Promise.all(writers.map((publisher, n) => publisher.user('u2', entry(revisions[n] ?? 0))));
    const kv = await bed.broker.kvm.open(bed.broker.names.revocations);
    expect((await kv.get('u2'))?.json()).toEqual(entry(20));
    await expect.poll(() => copies.map((map) => map.get('u2')?.revision)).toEqual([20, 20]);
    controller.abort();
  });

  test('given an entry that was removed, then a new one can be written, and copies forget and learn', async () => {
    const map = createRevocationMap();
    const controller = new AbortController();
    await watchRevocations(bed.broker, map, log, controller.signal);
    const publisher = await createRevocationPublisher(bed.broker);
    await publisher.user('u3', entry(9));
    await expect.poll(() => map.get('u3')?.revision).toBe(9);
    const kv = await bed.broker.kvm.open(bed.broker.names.revocations);
    await kv.delete('u3');
    await expect.poll(() => map.get('u3')).toBeUndefined();
    await publisher.user('u3', entry(2));
    await expect.poll(() => map.get('u3')?.revision).toBe(2);
    controller.abort();
  });
});

test('given services that announce their routes, then a watcher knows them now and later', async () => {
  const controller = new AbortController();
  const known = new Map<string, string[]>();
  const line = (method: 'GET' | 'POST', path: string) => ({ method, path, access: 'user' as const });
  await storeRegistration(bed.broker, 'items', { routes: [line('GET', '/items')] });
  await watchRegistrations(
    bed.broker,
    (service, { routes }) =>
      void known.set(
        service,
        routes.map(({ method, path }) => `${method} ${path}`),
      ),
    log,
    controller.signal,
  );
  expect([...known]).toEqual([['items', ['GET /items']]]);
  await storeRegistration(bed.broker, 'items', { routes: [line('GET', '/items'), line('POST', '/items')] });
  await storeRegistration(bed.broker, 'auth', { routes: [line('GET', '/users')] });
  await expect
    .poll(() => Object.fromEntries(known))
    .toEqual({ items: ['GET /items', 'POST /items'], auth: ['GET /users'] });
  const kv = await bed.broker.kvm.open(bed.broker.names.routes);
  await kv.delete('auth');
  await expect.poll(() => known.get('auth')).toEqual([]);
  controller.abort();
});
