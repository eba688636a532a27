import { applyWrite } from '@quartet/common/events/outbox/revised-writes.ts';
import { describe, expect, test } from 'vitest';
import { isLetInByRelease01, NOW, newUser, withoutSessionsAsRelease01 } from '../../test/users.ts';
import type { User, UserChange } from './user.ts';
import { loggedOut, userDeleted, userEvent } from './user-events.ts';
import {
  endedSessions,
  endsTokens,
  exceptSession,
  exceptSessionOf,
  hasEnded,
  revocationOf,
} from './user-sessions.ts';
import { changeOf } from './user-write.ts';
import { updateUser } from './users.ts';

const context = { now: NOW };
const about = (user: User) => ({
  user_id: user._id.toHexString(),
  email: user.email,
  is_active: user.is_active,
  is_superuser: user.is_superuser,
});

/** A new password, which only session `except` survives. */
function setPassword(user: User, except: string | null): User {
  const change = updateUser(user, { hashed_password: `${user.hashed_password}+` }, context, {
    by: 'owner',
    except,
  });
  return applyWrite(user, changeOf(user, change ?? expect.fail('nothing changed')));
}

describe('given a user whose other sessions ended', () => {
  const user = setPassword(newUser(), 'a');

  test('then the excepted session is valid, and every other earlier session has ended', () => {
    expect(hasEnded(user, { sessionId: 'a', tokenVersion: 0 })).toBe(false);
    expect(hasEnded(user, { sessionId: 'b', tokenVersion: 0 })).toBe(true);
  });

  test('then a later session is valid', () => {
    expect(hasEnded(user, { sessionId: 'c', tokenVersion: 1 })).toBe(false);
  });

  test('when all sessions end, then the excepted one ends too', () => {
    const next = setPassword(user, null);
    for (const sessionId of ['a', 'b'])
      expect(hasEnded(next, { sessionId, tokenVersion: 0 }), sessionId).toBe(true);
    expect(exceptSessionOf(next)).toBeNull();
  });
});

describe('given documents of release 0.1', () => {
  const { except_session, ...earlier } = newUser({ token_version: 2, spared_session: 'a' });

  test('then its excepted session is valid, and the others have ended', () => {
    expect(except_session).toBeDefined();
    expect(hasEnded(earlier, { sessionId: 'a', tokenVersion: 1 })).toBe(false);
    expect(hasEnded(earlier, { sessionId: 'b', tokenVersion: 1 })).toBe(true);
  });

  test('given a document of a later release, which no longer has its field, then `except_session` counts', () => {
    const { spared_session: _none, ...user } = newUser(exceptSession('a', 0));
    expect(exceptSessionOf(user)).toBe('a');
    const { except_session: _neither, ...bare } = user;
    expect(exceptSessionOf(bare)).toBeNull();
  });

  test('given writes of both releases in any order, then both accept only the session that the last write excepted', () => {
    const writers = [setPassword, withoutSessionsAsRelease01];
    const excepted = ['a', 'b', null];
    const steps = writers.flatMap((write) => excepted.map((except) => ({ write, except })));
    const sequences = steps.flatMap((one) => steps.flatMap((two) => steps.map((three) => [one, two, three])));
    expect(sequences).toHaveLength(6 ** 3);
    for (const sequence of sequences) {
      let user: User = earlier;
      for (const { write, except } of sequence) {
        user = write(user, except);
        for (const sessionId of ['a', 'b']) {
          const session = { sessionId, tokenVersion: user.token_version - 1 };
          const isIn = [!hasEnded(user, session), isLetInByRelease01(user, session)];
          if (isIn.some((is) => is !== (sessionId === except)))
            expect.fail(
              `${sessionId} after ${JSON.stringify(sequence.map((step) => [step.write.name, step.except]))}`,
            );
        }
        expect(revocationOf({ ...user, outbox: [userDeleted(user, context)] })?.sparedSession).toBe(except);
      }
    }
  });
});

describe('a revocation', () => {
  const user = newUser({ revision: 7, ...exceptSession('a', 3), token_version: 3 });
  const withEvent = (changed: string[], more = {}) => ({
    ...user,
    outbox: [userEvent('user.updated', user._id, { ...about(user), changed, ...more }, context)],
  });

  test('given no event in the outbox, or one that does not affect tokens, then there is none', () => {
    expect(revocationOf(user)).toBeUndefined();
    expect(revocationOf(withEvent(['full_name', 'email']))).toBeUndefined();
  });

  test.each(['is_active', 'is_superuser'])('given %s changed, then it has the present value', (field) => {
    expect(revocationOf(withEvent(['full_name', field]))).toEqual({
      revision: 7,
      version: 3,
      sparedSession: 'a',
      isActive: true,
      isSuperuser: false,
      deleted: false,
    });
  });

  test('given an address was restored, which ended the sessions, then there is one', () => {
    expect(revocationOf(withEvent(['email'], { sessions_ended: true }))).toMatchObject({ version: 3 });
  });

  test('given a new password or a deletion, then there is one', () => {
    const data = { user_id: user._id.toHexString(), email: user.email, by: 'owner' as const };
    const changed = userEvent('password.changed', user._id, data, context);
    expect(revocationOf({ ...user, outbox: [changed] })).toMatchObject({ deleted: false });
    const tombstone = { ...user, deleted_at: NOW, outbox: [userDeleted(user, context)] };
    expect(revocationOf(tombstone)).toMatchObject({ deleted: true });
  });

  test('given logouts, then they are sessions that ended, and no revocation of the user', () => {
    const sessions = ['a', 'b'].map((sessionId) => ({ sessionId, expiresAt: 1_800_000_000 }));
    const outbox = sessions.map((session) => loggedOut(user, session, context));
    expect(endedSessions({ ...user, outbox: [...outbox, userDeleted(user, context)] })).toEqual(sessions);
    expect(revocationOf({ ...user, outbox })).toBeUndefined();
  });
});

test.each<[string, Partial<UserChange>, boolean]>([
  ['sessions end', { endSessions: { except: null } }, true],
  ['all sessions but one end', { endSessions: { except: 'a' } }, true],
  ['the user is deactivated', { set: { is_active: false } }, true],
  ['a superuser becomes a user', { set: { is_superuser: false } }, true],
  ['the user is activated and becomes a superuser', { set: { is_active: true, is_superuser: true } }, false],
  ['the name and the address change', { set: { full_name: null, email: 'b@example.com' } }, false],
])('given a change by which %s, then it ends tokens or leaves them', (_what, change, ends) => {
  expect(endsTokens({ set: {}, events: [], now: NOW, ...change })).toBe(ends);
});
