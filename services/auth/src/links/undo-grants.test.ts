import { describe, expect, test } from 'vitest';
import { later, NOW } from '../../test/users.ts';
import type { UndoGrant } from '../users/user.ts';
import {
  grantsAfter,
  grantsBefore,
  mayUndo,
  restoredAddress,
  UNDO_SECONDS,
  undoGrantOf,
} from './undo-grants.ts';

type Granted = { email: string; undo_grants?: UndoGrant[] };
const LIFE_MS = UNDO_SECONDS * 1_000;
const OWNER = 'owner@example.com';
const THIEF = 'thief@example.com';

/** Moves to the addresses one after the other, each a second later. */
const moved = (...addresses: string[]): Granted =>
  addresses.reduce<Granted>(
    (user, email, n) => ({
      email,
      undo_grants: grantsAfter(user, email, { id: `to ${email}`, now: later(n * 1_000) }, true),
    }),
    { email: OWNER },
  );
const addresses = (grants: UndoGrant[] | undefined) => grants?.map(({ email }) => email);

describe('a change of address', () => {
  test('given one change, then the former address has a grant for its event', () => {
    expect(moved(THIEF).undo_grants).toEqual([
      { event_id: `to ${THIEF}`, at: NOW, email: OWNER, was_verified: true },
    ]);
  });

  test('given several changes, then each former address has a grant, the oldest first', () => {
    expect(addresses(moved(THIEF, 'b@example.com', 'c@example.com').undo_grants)).toEqual([
      OWNER,
      THIEF,
      'b@example.com',
    ]);
  });

  test('given an address that has a grant comes back, then later grants end, and its own stays', () => {
    expect(mayUndo(moved(THIEF), OWNER, NOW)).toBe(false);
    expect(addresses(moved(THIEF, OWNER).undo_grants)).toEqual([OWNER]);
    expect(addresses(moved(THIEF, 'b@example.com', OWNER).undo_grants)).toEqual([OWNER]);
    expect(addresses(moved(THIEF, 'b@example.com', THIEF).undo_grants)).toEqual([OWNER, THIEF]);
  });

  test('given another spelling of an address that has a grant, then it is the same mailbox', () => {
    const user = {
      email: THIEF,
      undo_grants: grantsAfter({ email: 'a@zürich.example' }, THIEF, { id: 'one', now: NOW }, true),
    };
    expect(mayUndo(user, 'a@xn--zrich-kva.example', NOW)).toBe(false);
  });

  test('given 100 within 72 hours, then the oldest stay and no more are added', () => {
    const user = moved(...Array.from({ length: 120 }, (_, n) => `moved-${n}@example.com`));
    expect(user.undo_grants).toHaveLength(100);
    expect(user.undo_grants?.[0]?.email).toBe(OWNER);
    expect(mayUndo(user, 'more@example.com', NOW)).toBe(false);
  });
});

describe('a grant', () => {
  test('given 72 hours have passed, then it is invalid, and the next change removes it', () => {
    const user = moved(THIEF);
    expect(undoGrantOf(user, `to ${THIEF}`, later(LIFE_MS - 1))?.email).toBe(OWNER);
    expect(undoGrantOf(user, `to ${THIEF}`, later(LIFE_MS))).toBeUndefined();
    expect(addresses(grantsAfter(user, 'b@example.com', { id: 'b', now: later(LIFE_MS) }, true))).toEqual([
      THIEF,
    ]);
  });

  test('given another event, or no grants, then there is none', () => {
    expect(undoGrantOf(moved(THIEF), 'another', NOW)).toBeUndefined();
    expect(undoGrantOf({ email: OWNER }, `to ${THIEF}`, NOW)).toBeUndefined();
  });

  test('given it is used, then it and the grants of later addresses are removed', () => {
    const user = moved(THIEF, 'b@example.com', 'c@example.com');
    const [first, second] = user.undo_grants ?? [];
    expect(grantsBefore(user, first ?? expect.fail(), NOW)).toEqual([]);
    expect(addresses(grantsBefore(user, second ?? expect.fail(), NOW))).toEqual([OWNER]);
  });

  test('given an address as an earlier release spelled it, then it comes back normalized', () => {
    expect(restoredAddress({ event_id: 'one', at: NOW, email: 'a@xn--zrich-kva.example' })).toBe(
      'a@zürich.example',
    );
  });
});
