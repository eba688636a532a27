import { applyWrite } from '@quartet/common/events/outbox/revised-writes.ts';
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { later, NOW, newUser } from '../../test/users.ts';
import type { User } from './user.ts';
import { changeOf } from './user-write.ts';
import { createUser, type UserPatch, undoEmailChange, updateUser } from './users.ts';

const context = { now: NOW, traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const rules = { isOn: false, isRequired: false, linkSeconds: 3_600 };

const changed = (user: User, patch: UserPatch) =>
  updateUser(user, patch, context) ?? expect.fail('nothing changed');
const move = (user: User, email: string, now = NOW): User => {
  const change = updateUser(user, { email }, { now }) ?? expect.fail('nothing changed');
  return applyWrite(user, changeOf(user, change));
};

describe('a new user', () => {
  const fields = {
    email: 'ada@example.com',
    full_name: null,
    hashed_password: 'a hash',
    is_active: true,
    is_superuser: false,
  };

  test('given its fields, then every version is the first one, and its event contains no password', () => {
    const user = createUser(new ObjectId(), fields, 'signup', context);
    expect(user).toMatchObject({
      ...fields,
      revision: 0,
      token_version: 0,
      email_version: 0,
      created_at: NOW,
    });
    const [event, ...more] = user.outbox;
    expect(more).toEqual([]);
    expect(event).toMatchObject({ type: 'user.created', traceparent: context.traceparent });
    expect(event?.data).toEqual({
      user_id: user._id.toHexString(),
      email: 'ada@example.com',
      is_active: true,
      is_superuser: false,
      origin: 'signup',
    });
  });

  test.each([
    ['admin', 1],
    ['signup', 0],
    ['seed', 0],
    ['private', 0],
  ] as const)('given %s made it, then it has %i grants of an invitation link', (origin, count) => {
    const user = createUser(new ObjectId(), fields, origin, context);
    expect(user.link_grants).toHaveLength(count);
    for (const grant of user.link_grants ?? [])
      expect(grant).toEqual({ event_id: user.outbox[0]?.id, at: NOW, email_version: 0 });
  });
});

describe('an update', () => {
  test('given only the present values, or the own mailbox in another spelling, then nothing changes', () => {
    const user = newUser({ email: 'ada@xn--zrich-kva.example' });
    const { full_name, is_active, hashed_password } = user;
    const same = { full_name, is_active, hashed_password, is_superuser: undefined };
    expect(updateUser(user, { ...same, email: 'ada@zürich.example' }, context)).toBeUndefined();
    expect(updateUser(user, {}, context)).toBeUndefined();
  });

  test('given fields, then one event names those that change, as they are afterwards; no session ends', () => {
    const user = newUser();
    const change = changed(user, { full_name: null, is_superuser: true, is_active: true });
    expect(change).toMatchObject({ set: { full_name: null, is_superuser: true }, now: NOW });
    expect(change).not.toHaveProperty('endSessions');
    expect(change.events.map(({ type, data }) => [type, data])).toEqual([
      [
        'user.updated',
        {
          user_id: user._id.toHexString(),
          email: user.email,
          is_active: true,
          is_superuser: true,
          is_verified: false,
          changed: ['full_name', 'is_superuser'],
        },
      ],
    ]);
  });

  test('given a password, then its own event says by whom, and all sessions end but the excepted one', () => {
    const password = { by: 'owner', except: 'a' } as const;
    const change = updateUser(newUser(), { hashed_password: 'another' }, context, password);
    expect(change).toMatchObject({ set: { hashed_password: 'another' }, endSessions: { except: 'a' } });
    expect(change?.events.map(({ type, data }) => [type, data])).toEqual([
      ['password.changed', expect.objectContaining({ by: 'owner' })],
    ]);
    expect(JSON.stringify(change?.events)).not.toContain('another');
  });

  test('given a password without its author, then an admin counts as the author, and all sessions end', () => {
    const change = changed(newUser(), { hashed_password: 'another', full_name: 'B' });
    expect(change.endSessions).toEqual({ except: null });
    expect(change.events.map(({ type }) => type)).toEqual(['user.updated', 'password.changed']);
    expect(change.events[1]?.data).toMatchObject({ by: 'admin' });
  });

  test('given an address, then the former one may undo the change by its event', () => {
    const user = newUser();
    const { set, events } = changed(user, { email: 'new@example.com' });
    expect(events[0]?.data).toMatchObject({ email: 'new@example.com', previous_email: user.email });
    expect(set.undo_grants).toEqual([
      { event_id: events[0]?.id, at: NOW, email: user.email, was_verified: false },
    ]);
  });

  test('given the address that may undo the last change, then the address in between may undo nothing', () => {
    const moved = move(newUser(), 'thief@example.com');
    const { set, events } = changed(moved, { email: 'ada@example.com' });
    expect(events[0]?.data).not.toHaveProperty('previous_email');
    expect(set.undo_grants).toEqual(moved.undo_grants);
  });
});

describe('an undone change of address', () => {
  const owner = newUser();
  const stolen = move(move(owner, 'thief@example.com', later(1_000)), 'second@example.com', later(2_000));
  const grant = stolen.undo_grants?.[0] ?? expect.fail('no grant');
  const undo = (user = stolen) => undoEmailChange(user, grant, 'unknown', context, rules);

  test('then the address is restored, every session ends, and no later grant is left', () => {
    expect(undo()).toMatchObject({
      set: { email: owner.email, hashed_password: 'unknown', undo_grants: [] },
      endSessions: { except: null },
    });
    expect(undo().events[0]?.data).toMatchObject({ changed: ['email', 'is_verified'], sessions_ended: true });
  });

  test('then only the restored address gets a link to set a password', () => {
    const after = applyWrite(stolen, changeOf(stolen, undo()));
    const request = after.outbox.at(-1);
    expect(request).toMatchObject({ type: 'password.reset-requested', data: { email: owner.email } });
    expect(after.link_grants).toEqual([
      { event_id: request?.id, at: NOW, email_version: stolen.email_version + 1 },
    ]);
    expect(after.email_version).toBe(stolen.email_version + 1);
  });

  test('given the user is deactivated, then there is no link', () => {
    const { set, events } = undo({ ...stolen, is_active: false });
    expect([set.link_grants, events.map(({ type }) => type)]).toEqual([[], ['user.updated']]);
  });

  test('given the address is already restored, then sessions still end', () => {
    const { endSessions, events } = undo(move(stolen, owner.email));
    expect(endSessions).toEqual({ except: null });
    expect(events[0]?.data).toMatchObject({ changed: ['is_verified'], sessions_ended: true });
  });
});
