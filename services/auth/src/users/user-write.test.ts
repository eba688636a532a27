import { applyWrite } from '@quartet/common/events/outbox/revised-writes.ts';
import { describe, expect, test } from 'vitest';
import { later, NOW, newUser } from '../../test/users.ts';
import { loggedOut, userDeleted } from './user-events.ts';
import { changeOf, eventOf, respellingOf, softDeletionOf } from './user-write.ts';

const event = loggedOut(newUser(), { sessionId: 'a', expiresAt: 1 }, { now: NOW });

describe('a change', () => {
  test('given another address, then earlier links are invalid, and the earlier spelling is removed', () => {
    const user = newUser({ spelled_before: 'ADA@example.com', email_version: 4 });
    const write = changeOf(user, { set: { email: 'b@example.com' }, events: [event], now: later(1) });
    expect(applyWrite(user, write)).toMatchObject({
      email: 'b@example.com',
      email_version: 5,
      token_version: 0,
      revision: 1,
      updated_at: later(1),
      outbox: [event],
    });
    expect(applyWrite(user, write)).not.toHaveProperty('spelled_before');
  });

  test('given sessions that end, then the excepted one has the next version, for both releases', () => {
    const user = newUser({ token_version: 4 });
    const write = changeOf(user, { set: {}, endSessions: { except: 'a' }, events: [], now: NOW });
    expect(applyWrite(user, write)).toMatchObject({
      token_version: 5,
      email_version: 0,
      except_session: { id: 'a', token_version: 5 },
      spared_session: 'a',
    });
  });
});

test('given an event, then only the outbox and the fields about its events change', () => {
  const user = newUser();
  expect(applyWrite(user, eventOf(event))).toEqual({ ...user, revision: 1, outbox: [event] });
  expect(applyWrite(user, eventOf(event, { guessing_told_at: NOW }))).toMatchObject({
    guessing_told_at: NOW,
  });
});

test('given another spelling, then earlier links stay valid, and there is no event', () => {
  const user = newUser();
  expect(applyWrite(user, respellingOf(user, 'ada@form.example', later(1)))).toEqual({
    ...user,
    email: 'ada@form.example',
    spelled_before: user.email,
    updated_at: later(1),
    revision: 1,
  });
});

test('given a soft deletion, then no personal data is left, the address is free, and no token is valid', () => {
  const user = newUser({ is_superuser: true, spelled_before: 'x', undo_grants: [] });
  const deleted = userDeleted(user, { now: NOW });
  const { token_version, except_session, spared_session } = user;
  expect(applyWrite(user, softDeletionOf(user, deleted, NOW))).toEqual({
    ...{ _id: user._id, email: user._id.toHexString(), email_version: 1, revision: 1 },
    ...{ token_version, except_session, spared_session },
    ...{ is_active: false, is_superuser: false, deleted_at: NOW, outbox: [deleted] },
  });
});
