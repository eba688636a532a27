import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { RevisedWrite } from '@quartet/common/events/outbox/revised-writes.ts';
import type { User, UserChange } from './user.ts';
import { sessionsEnded } from './user-events.ts';
import { exceptSession } from './user-sessions.ts';

export type UserWrite = RevisedWrite<User> & { set: Partial<User> };

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
  set: Pick<User, 'guessing_told_at' | 'link_grants' | 'verify_grants'> = {},
): UserWrite => ({ set, events: [event] });

/** All sessions but `except` end, and nothing else changes. */
export const endOfSessions = (read: User, except: string | null, context: EventContext): UserWrite => ({
  set: exceptSession(except, read.token_version + 1),
  grow: ['token_version'],
  events: [sessionsEnded(read, context)],
});

/** Another spelling is the same mailbox, so there is no event. */
export const respellingOf = (read: User, email: string, now: Date): UserWrite => ({
  set: { email, spelled_before: read.email, updated_at: now },
});

/** The tombstone carries the last events and frees the address. */
export function softDeletionOf(read: User, event: OutboxEntry, now: Date): UserWrite {
  // The unique index needs a value, and no address can be an id.
  const email = read._id.toHexString();
  return {
    set: { email, is_active: false, is_superuser: false, deleted_at: now },
    unset: [
      ...(['full_name', 'words', 'earlier', 'hashed_password', 'is_verified'] as const),
      ...(['created_at', 'updated_at'] as const),
      ...(['link_grants', 'verify_grants', 'undo_grants', 'verified_version', 'spelled_before'] as const),
    ],
    grow: ['email_version'],
    events: [event],
  };
}
