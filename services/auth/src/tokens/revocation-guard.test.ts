import { ensureTopology } from '@quartet/common/events/broker/topology.ts';
import { knownSinceOf } from '@quartet/common/events/kv/known-since.ts';
import { createRevocationPublisher } from '@quartet/common/events/kv/revocation-bucket.ts';
import { createRevocationGuard } from '@quartet/common/events/kv/revocation-guard.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { bucketMemory } from '../auth-state.ts';

const DAY_MS = 86_400_000;
let bed: Testbed;

beforeEach(async () => {
  bed = await startTestbed();
});
afterEach(() => bed.stop());

const bucket = () => `KV_${bed.broker.names.revocations}`;
const info = () => bed.broker.jsm.streams.info(bucket());
const since = async () => knownSinceOf(await info());
const memory = () => bucketMemory(bed.database.db, bed.broker.names.revocations);
const logOut = async (sessionId: string) =>
  (await createRevocationPublisher(bed.broker)).session(sessionId, Date.now() / 1000 + 3600);

/** As auth starts: with what the database remembers. */
async function start(now?: () => number) {
  const controller = new AbortController();
  bed.stopLater(async () => controller.abort());
  const guard = await createRevocationGuard(bed.broker, memory(), bed.log, now);
  const ensure = () => ensureTopology(bed.broker, 3600, { knownSince: guard.beginning });
  await ensure();
  await guard.keep(controller.signal);
  return { guard, ensure, stop: () => controller.abort() };
}

test('given a first start, then the bucket is complete from the next second on, and a second start changes nothing', async () => {
  const before = Date.now();
  const { stop } = await start();
  const first = await since();
  expect(first).toBeGreaterThan(before / 1000);
  expect(first).toBeLessThanOrEqual(Date.now() / 1000 + 1);
  stop();
  await logOut('s1');
  await start();
  expect(await since()).toBe(first);
});

test('given a broker whose clock is behind, then a new bucket is complete since auth’s time', async () => {
  const { stop } = await start();
  stop();
  await bed.broker.jsm.streams.delete(bucket());
  const later = Date.now() + DAY_MS;
  await start(() => later);
  expect(await since()).toBeGreaterThan(later / 1000);
});

test('given auth’s clock went back, then a new bucket still has a later time than the one before', async () => {
  const ahead = Date.now() + DAY_MS;
  const { stop } = await start(() => ahead);
  const first = await since();
  stop();
  await bed.broker.jsm.streams.delete(bucket());
  await start();
  expect(await since()).toBeGreaterThan(first);
});

test('given a bucket that another client created, then it is not trusted', async () => {
  const { stop } = await start();
  stop();
  await bed.broker.jsm.streams.delete(bucket());
  await bed.broker.kvm.create(bed.broker.names.revocations, {
    metadata: { quartet_known_since: '1' },
  });
  const before = Date.now() / 1000;
  await start();
  // A second more than the broker's word for when it was made: another replica's clock may be ahead.
  expect(await since()).toBeGreaterThan(before + 1);
});

test('given a bucket of a former release, then its sessions live on', async () => {
  await ensureTopology(bed.broker, 3600);
  const made = await since();
  await start();
  expect(await since()).toBe(made);
});

test('given two replicas that find no bucket, then they agree on one, and keep it', async () => {
  const [one, two] = await Promise.all([start(), start()]);
  await bed.broker.jsm.streams.delete(bucket());
  await Promise.all([one.ensure(), two.ensure()]);
  const first = await since();
  await logOut('s1');
  const remembers = async () => (await memory().read())?.knownSince;
  await expect.poll(remembers).toBe(first);
  for (let look = 0; look < 3; look += 1) await bed.broker.looks.look(bucket());
  expect(await since()).toBe(first);
});

test('given entries that disappear, then every process is notified once of a new bucket', async () => {
  const { guard } = await start();
  await logOut('s1');
  const first = await since();
  const { state } = await info();
  // So it is with a broker that comes back with files of before: it has come less far than it said.
  guard.saw(state.last_seq + 1);
  await bed.broker.looks.look(bucket());
  const second = await since();
  expect(second).toBeGreaterThan(first);
  expect(bed.logLines()).toContainEqual(expect.objectContaining({ level: 50 }));
  await bed.broker.looks.look(bucket());
  expect(await since()).toBe(second);
});
