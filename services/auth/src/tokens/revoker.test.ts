import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { expect, test } from 'vitest';
import { NOW, newUser } from '../../test/users.ts';
import { loggedOut, resetRequested, userDeleted } from '../users/user-events.ts';
import { exceptSession } from '../users/user-sessions.ts';
import { createRevoker } from './revoker.ts';

const LIFE_SECONDS = 600;

/** A revoker whose broker is away. */
function newRevoker() {
  const map = createRevocationMap();
  const away = () => Promise.reject(new Error('the broker is away'));
  return { map, revoker: createRevoker(map, { user: away, session: away }, LIFE_SECONDS) };
}
const context = { now: NOW };
const user = newUser({ revision: 4, token_version: 2, ...exceptSession('a', 2) });
const id = user._id.toHexString();

test('given a revoking event in the outbox, then this process knows at once, for as long as a token lives', () => {
  const { map, revoker } = newRevoker();
  revoker.apply({ ...user, deleted_at: NOW, outbox: [userDeleted(user, context)] });
  expect(map.get(id)).toMatchObject({ revision: 4, version: 2, sparedSession: 'a', deleted: true });
  const seconds = Date.now() / 1_000;
  map.forgetExpired(seconds + LIFE_SECONDS - 5);
  expect(map.get(id)).toBeDefined();
  map.forgetExpired(seconds + LIFE_SECONDS + 5);
  expect(map.get(id)).toBeUndefined();
});

test('given a logout, then its session has ended, and the user’s others have not', () => {
  const { map, revoker } = newRevoker();
  revoker.apply({
    ...user,
    outbox: [loggedOut(user, { sessionId: 's', expiresAt: 2_000_000_000 }, context)],
  });
  expect([map.hasEnded('s'), map.hasEnded('t'), map.get(id)]).toEqual([true, false, undefined]);
  expect(map.endOf('s')).toBe(2_000_000_000);
});

test('given other events, then nothing is revoked', async () => {
  const { map, revoker } = newRevoker();
  await revoker.publish({ ...user, outbox: [resetRequested(user, context)] });
  expect(map.size()).toEqual({ user: 0, session: 0 });
});

test('given an older document after a newer one, then the newer one counts', () => {
  const { map, revoker } = newRevoker();
  const outbox = [userDeleted(user, context)];
  revoker.apply({ ...user, revision: 6, token_version: 3, outbox });
  revoker.apply({ ...user, outbox });
  expect(map.get(id)).toMatchObject({ revision: 6, version: 3 });
});

test('given the broker is away, when it is published, then that fails, and this process still knows it', async () => {
  const { map, revoker } = newRevoker();
  const outbox = [
    userDeleted(user, context),
    loggedOut(user, { sessionId: 's', expiresAt: 2_000_000_000 }, context),
  ];
  await expect(revoker.publish({ ...user, outbox })).rejects.toThrow('away');
  expect([map.get(id)?.revision, map.hasEnded('s')]).toEqual([4, true]);
});
