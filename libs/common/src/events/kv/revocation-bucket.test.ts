import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { recordingLog } from '../../../test/event-kit.ts';
import { createRevocationMap, type Revocation } from '../../tokens/revocations.ts';
import { ensureTopology } from '../broker/topology.ts';
import { createRevocationPublisher, watchRevocations } from './revocation-bucket.ts';

let bed: Testbed;
const { log } = recordingLog();

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

describe('revocations', () => {
  test('given a newer entry in the bucket, when an older one is written, then the newer one stays', async () => {
    const publisher = await createRevocationPublisher(bed.broker);
    await publisher.user('u1', entry(5));
    await publisher.user('u1', entry(3));
    await publisher.user('u1', entry(5, { version: 99 }));
    const kv = await bed.broker.kvm.open(bed.broker.names.revocations);
    expect((await kv.get('u1'))?.json()).toEqual(entry(5));
  });

  test('given an unreadable entry, when a revocation is written, then it replaces the entry', async () => {
    const kv = await bed.broker.kvm.open(bed.broker.names.revocations);
    await kv.put('u4', '{"type":"no revocation"}');
    await kv.put('u5', 'not even JSON');
    const publisher = await createRevocationPublisher(bed.broker);
    await publisher.user('u4', entry(1));
    await publisher.user('u5', entry(1));
    expect((await kv.get('u4'))?.json()).toEqual(entry(1));
    expect((await kv.get('u5'))?.json()).toEqual(entry(1));
  });

  test('given 20 parallel writers in any order, when all are done, then every copy has the newest entry', async () => {
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

  test('given a removed entry, when a new one is written, then copies lose the old one and get the new one', async () => {
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
