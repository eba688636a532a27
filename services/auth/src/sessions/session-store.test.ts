import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { newUser } from '../../test/users.ts';
import { ended, newSession, sessionEnded } from './session-rules.ts';
import { openSessionStore, type SessionStore } from './session-store.ts';
import { sweepSessions } from './session-sweep.ts';
import type { StoredSession } from './stored-session.ts';

let bed: Testbed;
let store: SessionStore;

beforeAll(async () => {
  bed = await startTestbed();
  store = await openSessionStore(bed.database.db);
});
afterAll(() => bed.stop());

const NOW = new Date();
const device = { userAgent: null, address: '192.0.2.1' };
const user = newUser();

async function stored(expiresAt = new Date(NOW.getTime() + 60_000)): Promise<StoredSession> {
  const session = newSession(new ObjectId(), user, device, NOW, expiresAt);
  await store.insert(session);
  return session;
}

test('given 30 writes of one revision at once, then exactly one is done', async () => {
  const session = await stored();
  const writes = Array.from({ length: 30 }, (_, n) => ({ ...session, user_agent: `${n}`, revision: 1 }));
  const done = await Promise.all(writes.map((next) => store.replace(session, next)));
  expect(done.filter(Boolean)).toHaveLength(1);
  expect(await store.find(session._id)).toEqual(writes[done.indexOf(true)]);
});

test('given a tombstone that comes second, then the session stays as it is; given it comes first, then all of it is stored', async () => {
  const session = await stored();
  const event = sessionEnded(session, { now: NOW });
  const next = { ...session, user_agent: '$revision', revision: 1 };
  expect(await store.replace(session, next)).toBe(true);
  expect(await store.replace(session, ended(session, event, NOW))).toBe(false);
  expect(await store.find(session._id)).toEqual(next);
  const tombstone = ended(next, event, NOW);
  expect(await store.replace(next, tombstone)).toBe(true);
  expect(await store.find(session._id)).toEqual(tombstone);
  expect(await store.replace(next, tombstone)).toBe(false);
});

test('given sessions that have expired, when two replicas sweep, then those are removed, but none whose event waits or that lives', async () => {
  const past = new Date(Date.now() - 120_000);
  const expired = await Promise.all(Array.from({ length: 1_100 }, () => stored(past)));
  const justNow = await stored(new Date());
  const living = await stored();
  const waiting = await stored(past);
  const tombstone = ended(waiting, sessionEnded(waiting, { now: NOW }), NOW);
  expect(await store.replace(waiting, tombstone)).toBe(true);
  const ending = new AbortController();
  const sweeps = [1, 2].map(() => sweepSessions(store, bed.log, ending.signal, 50));
  const ids = expired.map(({ _id }) => _id);
  await expect.poll(() => store.collection.countDocuments({ _id: { $in: ids } })).toBe(0);
  ending.abort();
  await Promise.all(sweeps);
  for (const { _id } of [justNow, living, waiting]) expect(await store.find(_id)).not.toBeNull();
});
