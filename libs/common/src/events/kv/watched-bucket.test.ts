import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { recordingLog } from '../../../test/event-kit.ts';
import { watchBucket } from './watched-bucket.ts';

let bed: Testbed;
let buckets = 0;
/** pino's number for it. */
const WARN = 40;
const { log, lines } = recordingLog();

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

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
  test('given 500 entries, when the watch resolves, then the copy has all of them', async () => {
    const { name, kv } = await newBucket();
    await Promise.all(Array.from({ length: 500 }, (_, n) => kv.put(`k${n}`, JSON.stringify(n))));
    await kv.put('k7', '"seven"');
    const { copy, complete } = watch(name);
    await complete;
    expect(copy.size).toBe(500);
    expect(copy.get('k7')).toBe('seven');
  });

  test('given an empty bucket, when the watch has resolved, then the copy gets later entries', async () => {
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

  test('given a watch that ends silently, when it is checked, then it starts again and gets the missed entries', async () => {
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

  test('given another bucket of the same name, when entries come, then one lasting consumer reads them at once', {
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

  test('given a bucket with removed keys only, when the watch resolves, then the copy is empty', async () => {
    const { name, kv } = await newBucket();
    await kv.put('a', '1');
    await kv.delete('a');
    const { copy, complete } = watch(name);
    await complete;
    expect([...copy]).toEqual([]);
  });

  test('given an unreadable entry, when the bucket is watched, then the copy has all other entries', async () => {
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

  test('given no bucket yet, when it is watched, then the watch waits for it until the signal aborts', async () => {
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
