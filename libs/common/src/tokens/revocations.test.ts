import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createRevocationMap, type Revocation } from './revocations.ts';

const entry: Revocation = {
  revision: 1,
  version: 1,
  sparedSession: null,
  isActive: true,
  isSuperuser: false,
  deleted: false,
};

test('given expired entries, then they are removed and the others remain', () => {
  const map = createRevocationMap();
  map.apply('over', entry, 100);
  map.apply('good', entry, 101);
  map.endSession('over', 100);
  map.endSession('good', 101);
  map.forgetExpired(100);
  expect([map.get('over'), map.get('good')?.revision]).toEqual([undefined, 1]);
  expect([map.hasEnded('over'), map.hasEnded('good')]).toEqual([false, true]);
  expect(map.size()).toEqual({ user: 1, session: 1 });
});

test('given more entries than one call checks, then repeated calls check all of them, also later ones', () => {
  const map = createRevocationMap();
  const forgetAll = (now: number) => {
    for (let call = 0; call < 12; call += 1) map.forgetExpired(now);
  };
  for (let n = 0; n < 10_000; n += 1) {
    map.apply(`user-${n}`, entry, n % 2 === 0 ? 100 : 200);
    map.endSession(`session-${n}`, n % 2 === 0 ? 100 : 200);
  }
  map.forgetExpired(150);
  expect(map.size().user).toBeGreaterThan(5_000);
  forgetAll(150);
  expect(map.size()).toEqual({ user: 5_000, session: 5_000 });
  map.endSession('late', 150);
  forgetAll(200);
  expect(map.size()).toEqual({ user: 0, session: 0 });
});

test('given a newer entry of a user, then its expiry is used', () => {
  const map = createRevocationMap();
  map.apply('u', entry, 100);
  map.apply('u', { ...entry, revision: 2 }, 200);
  map.forgetExpired(150);
  expect(map.get('u')?.revision).toBe(2);
});

test('given ids sliced from longer texts, as the watcher gets them, then the map does not keep the texts in memory', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const map = createRevocationMap();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 2_000; n += 1) {
    const text = Buffer.from(`${n}`.padStart(10_000, '0')).toString();
    map.apply(text.slice(-24), entry, 100);
    map.endSession(text.slice(-36), 100);
  }
  collectGarbage();
  expect(map.size()).toEqual({ user: 2_000, session: 2_000 });
  expect(map.get('1999'.padStart(24, '0'))).toMatchObject(entry);
  expect(map.hasEnded('1999'.padStart(36, '0'))).toBe(true);
  // The texts are 20 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
});

test('given an entry again, when it comes with a longer life, then it stays that long; a shorter one changes nothing', () => {
  const map = createRevocationMap();
  map.apply('user', entry, 100);
  map.apply('user', entry, 200);
  map.apply('user', entry, 150);
  map.forgetExpired(199);
  expect(map.get('user')).toBeDefined();
  map.forgetExpired(201);
  expect(map.get('user')).toBeUndefined();
});
