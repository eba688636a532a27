import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../tests/support/testbed.ts';
import { bucketMemory, featureSince } from './auth-state.ts';

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

const collection = <T extends { _id: string }>(name: string) => bed.database.db.collection<T>(name);
const idsIn = async (name: string) =>
  (await collection(name).find().toArray()).map(({ _id }) => _id).toSorted();
const NOW = new Date('2026-11-26T12:00:00.000Z');
const EARLIER = new Date('2026-11-01T12:00:00.000Z');
const seen = { created: '2026-11-01T00:00:00Z', revision: 10, knownSince: 100 };

test('given a feature that release 0.1 has dated, then its date counts, and both places still have it', async () => {
  const _id = 'dated by 0.1';
  await collection<{ _id: string; first_seen_at: Date }>('signing_keys').insertOne({
    _id,
    first_seen_at: EARLIER,
  });
  expect(await featureSince(bed.database.db, _id, NOW)).toEqual(EARLIER);
  expect(await featureSince(bed.database.db, _id, NOW)).toEqual(EARLIER);
  expect(await idsIn('signing_keys')).toContain(_id);
  expect(await idsIn('auth_state')).toContain(_id);
});

test('given replicas that start together, then they agree when the feature began, and signing_keys does not change', async () => {
  const before = await idsIn('signing_keys');
  const times = [0, 1, 2, 3].map((n) => new Date(NOW.getTime() + n));
  const dates = await Promise.all(times.map((now) => featureSince(bed.database.db, 'new', now)));
  expect(new Set(dates.map(Number)).size).toBe(1);
  expect(await idsIn('signing_keys')).toEqual(before);
});

test('given no bucket, then nothing is stored; given a bucket was written, then it is read', async () => {
  const memory = bucketMemory(bed.database.db, 'one');
  expect(await memory.read()).toBeUndefined();
  await memory.write(seen);
  expect(await memory.read()).toMatchObject(seen);
  expect(await idsIn('signing_keys')).not.toContain('bucket one');
});

test.each([
  ['more entries of the same bucket', { ...seen, revision: 11 }, true],
  ['a bucket of after', { created: '2026-11-02T00:00:00Z', revision: 1, knownSince: 101 }, true],
  ['fewer entries of the same bucket', { ...seen, revision: 9 }, false],
  ['a bucket of before', { created: '2026-10-01T00:00:00Z', revision: 99, knownSince: 99 }, false],
])('given release 0.1 remembers %s, then the later memory counts', async (name, earlier, counts) => {
  const memory = bucketMemory(bed.database.db, name);
  await collection('signing_keys').insertOne({ _id: `bucket ${name}`, ...earlier });
  expect(await memory.read()).toMatchObject(earlier);
  await memory.write(seen);
  expect(await memory.read()).toMatchObject(counts ? earlier : seen);
});
