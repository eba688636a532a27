import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { UpdateFilter } from 'mongodb';
import type { User, UserChange } from './user.ts';
import { exceptSession } from './user-sessions.ts';

export type UserWrite = {
  set: Partial<User>;
  unset?: (keyof User)[];
  grow?: ('token_version' | 'email_version')[];
  events?: OutboxEntry[];
};

export function changeOf(read: User, { set, endSessions, events, now }: UserChange): UserWrite {
  const sessions = endSessions ? exceptSession(endSessions.except, read.token_version + 1) : {};
  const isMove = set.email !== undefined;
  return {
    set: { ...set, ...sessions, updated_at: now },
    unset: isMove ? ['spelled_before'] : [],
    grow: [
      ...(endSessions ? (['token_version'] as const) : []),
      ...(isMove ? (['email_version'] as const) : []),
    ],
    events,
  };
}

export const eventOf = (
  event: OutboxEntry,
  set: Pick<User, 'guessing_told_at' | 'link_grants'> = {},
): UserWrite => ({ set, events: [event] });

/** Another spelling is the same mailbox, so there is no event. */
export const respellingOf = (read: User, email: string): UserWrite => ({
  set: { email, spelled_before: read.email },
});

/** The tombstone carries the last events and frees the address. */
export function softDeletionOf(read: User, event: OutboxEntry, now: Date): UserWrite {
  // The unique index needs a value, and no address can be an id.
  const email = read._id.toHexString();
  return {
    set: { email, is_active: false, is_superuser: false, deleted_at: now },
    unset: [
      ...(['full_name', 'hashed_password', 'created_at', 'updated_at'] as const),
      ...(['link_grants', 'undo_grants', 'spelled_before'] as const),
    ],
    grow: ['email_version'],
    events: [event],
  };
}

export function toUpdate({ set, unset = [], grow = [], events = [] }: UserWrite): UpdateFilter<User> {
  const each = <T>(names: string[], value: T) => Object.fromEntries(names.map((name) => [name, value]));
  return {
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
    ...(unset.length > 0 ? { $unset: each(unset, '' as const) } : {}),
    $inc: { revision: 1, ...each(grow, 1) },
    ...(events.length > 0 ? { $push: { outbox: { $each: events } } } : {}),
  };
}

export function applyWrite(user: User, { set, unset = [], grow = [], events = [] }: UserWrite): User {
  const changed: User = { ...user, ...set, revision: user.revision + 1, outbox: [...user.outbox, ...events] };
  for (const name of grow) changed[name] += 1;
  for (const name of unset) Reflect.deleteProperty(changed, name);
  return changed;
}
