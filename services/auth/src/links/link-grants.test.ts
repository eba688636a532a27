import { expect, test } from 'vitest';
import { later, NOW, newUser } from '../../test/users.ts';
import type { User } from '../users/user.ts';
import { livingGrant, withGrant } from './link-grants.ts';

const HOUR_SECONDS = 3_600;
const HOUR_MS = 3_600_000;
const granted = (user: User, eventId: string, now = NOW): User => ({
  ...user,
  link_grants: withGrant(user.link_grants, user, eventId, now, HOUR_SECONDS),
});
const isGood = (user: User, eventId: string, now = NOW) =>
  livingGrant(user.link_grants, user, eventId, HOUR_SECONDS, now) !== undefined;

test('given a grant, then it is valid until its link would expire, for its own event only', () => {
  const user = granted(newUser(), 'one');
  expect([isGood(user, 'one'), isGood(user, 'one', later(HOUR_MS - 1))]).toEqual([true, true]);
  expect([isGood(user, 'one', later(HOUR_MS)), isGood(user, 'another')]).toEqual([false, false]);
});

test('given the address has changed since, then the grant is not valid', () => {
  const user = granted(newUser({ email_version: 2 }), 'one');
  expect(isGood(user, 'one')).toBe(true);
  expect(isGood({ ...user, email_version: 3 }, 'one')).toBe(false);
});

test('given a user of a release without grants, then there is none', () => {
  const { link_grants: _none, ...user } = newUser();
  expect(isGood(user, 'one')).toBe(false);
  expect(isGood(granted(user, 'one'), 'one')).toBe(true);
});

test('given grants that have expired, when one more is added, then they are removed', () => {
  const user = granted(granted(newUser(), 'old'), 'new', later(HOUR_MS));
  expect(user.link_grants?.map(({ event_id }) => event_id)).toEqual(['new']);
});

test('given more than 50 grants, then the newest 50 stay', () => {
  let user = newUser();
  for (let n = 0; n < 60; n += 1) user = granted(user, `event-${n}`, later(n));
  expect(user.link_grants).toHaveLength(50);
  expect([isGood(user, 'event-9'), isGood(user, 'event-10'), isGood(user, 'event-59')]).toEqual([
    false,
    true,
    true,
  ]);
});
