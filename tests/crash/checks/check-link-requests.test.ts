import type { DomainEvent } from '@quartet/common/events/envelope.ts';
import { expect, test } from 'vitest';
import { checkWrites } from './check-writes.ts';
import { fingerprint } from './fingerprint.ts';
import type { Change, Tracked } from './model.ts';
import { ada, created, eventOf, seen, USER, userDocument } from './test-worlds.ts';

const standing = { user_id: USER, email: 'ada@example.com', is_active: true, is_superuser: false };
const request = eventOf('password.reset-requested', USER, { user_id: USER, email: standing.email });
const renamed = eventOf('user.updated', USER, { ...standing, changed: ['full_name'] });
const moved = eventOf('user.updated', USER, {
  ...{ ...standing, email: 'moved@example.com' },
  changed: ['email'],
  previous_email: standing.email,
});

const changeOf = ({ type, data }: DomainEvent, after: Change['after'] = {}): Change => ({
  what: type,
  after,
  fingerprints: [fingerprint(type, data)],
});
/** The user asks for a link and then does something else. */
const userWho = (...changes: Change[]): Tracked => {
  const user = ada();
  return { ...user, answered: [...user.answered, ...changes] };
};
const faults = (user: Tracked, ...events: DomainEvent[]) =>
  checkWrites([user], seen({ users: new Map([[USER, userDocument]]), events: new Map([[USER, events]]) }))
    .faults;

test('given a link request that was handled after the next change, then there is no fault', () => {
  const user = userWho(changeOf(request), changeOf(renamed));
  expect(faults(user, created, request, renamed)).toEqual([]);
  expect(faults(user, created, renamed, request)).toEqual([]);
});

test('given a link request whose event comes before that of an earlier answer, then it is out of order', () => {
  const user = userWho(changeOf(renamed), changeOf(request));
  expect(faults(user, created, request, renamed)).toMatchObject([{ kind: 'order' }]);
});

test('given no event, then it is missing, unless no user has the address any more', () => {
  expect(faults(userWho(changeOf(request), changeOf(renamed)), created, renamed)).toMatchObject([
    { kind: 'event-missing' },
  ]);
  expect(faults(userWho(changeOf(request), changeOf(moved)), created, moved)).toEqual([]);
  expect(faults(userWho(changeOf(moved), changeOf(request)), created, moved)).toMatchObject([
    { kind: 'event-missing' },
  ]);
});

test('given requests of both kinds, then each has its own event', () => {
  const verification = eventOf('user.verification-requested', USER, { user_id: USER, email: standing.email });
  const user = userWho(changeOf(request), changeOf(verification), changeOf(renamed));
  expect(faults(user, created, renamed, verification, request)).toEqual([]);
  const other = userWho(changeOf(verification), changeOf(request));
  expect(faults(other, created, request, verification)).toEqual([]);
  expect(faults(user, created, request, renamed)).toMatchObject([{ kind: 'event-missing' }]);
  expect(faults(user, created, request, verification, verification, renamed)).toMatchObject([
    { kind: 'effect-doubled' },
  ]);
});

test('given two events for one request, or one that nobody asked for, then it is reported as repeated', () => {
  expect(faults(userWho(changeOf(request)), created, request, request)).toMatchObject([
    { kind: 'effect-doubled' },
  ]);
  expect(faults(ada(), created, request)).toMatchObject([{ kind: 'effect-doubled' }]);
});
