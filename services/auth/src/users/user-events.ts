import type { EventData, EventType } from '@quartet/common/events/contracts.ts';
import { createEvent, type EventContext } from '@quartet/common/events/envelope.ts';
import { type OutboxEntry, toOutbox } from '@quartet/common/events/outbox/outbox.ts';
import type { ObjectId } from 'mongodb';
import type { User } from './user.ts';
import type { Session } from './user-sessions.ts';
import { isVerified } from './verified.ts';

const DAY_MS = 86_400_000;

export function userEvent<T extends EventType>(
  type: T,
  userId: ObjectId,
  data: EventData<T>,
  context: EventContext,
): OutboxEntry {
  return toOutbox(createEvent(type, userId.toHexString(), data, context.now), context);
}

const addressOf = ({ _id, email }: User) => ({ user_id: _id.toHexString(), email });

export const userDeleted = (user: User, context: EventContext): OutboxEntry =>
  userEvent('user.deleted', user._id, addressOf(user), context);

export function sessionsEnded(user: User, context: EventContext): OutboxEntry {
  return userUpdated(user, [], context, { sessions_ended: true });
}

/** The event names what has changed; the user is as it is afterwards. */
export const userUpdated = (
  user: User,
  changed: string[],
  context: EventContext,
  more: Pick<EventData<'user.updated'>, 'previous_email' | 'sessions_ended'> = {},
): OutboxEntry => {
  const { is_active, is_superuser } = user;
  const data = {
    ...addressOf(user),
    is_active,
    is_superuser,
    is_verified: isVerified(user),
    changed,
    ...more,
  };
  return userEvent('user.updated', user._id, data, context);
};

export function loggedOut(user: User, session: Session, context: EventContext): OutboxEntry {
  const data = { user_id: user._id.toHexString(), session_id: session.sessionId, until: session.expiresAt };
  return userEvent('user.logged-out', user._id, data, context);
}

export const verificationRequested = (user: User, context: EventContext): OutboxEntry =>
  userEvent('user.verification-requested', user._id, addressOf(user), context);

export const resetRequested = (user: User, context: EventContext): OutboxEntry =>
  userEvent('password.reset-requested', user._id, addressOf(user), context);

/** Only one request waits in the outbox, so that requests cannot fill the document. */
export const mayRequestReset = (user: User): boolean =>
  user.is_active && !user.outbox.some(({ type }) => type === 'password.reset-requested');

export const guessingDetected = (user: User, failures: number, context: EventContext): OutboxEntry =>
  userEvent('password.guessing-detected', user._id, { ...addressOf(user), failures }, context);

export const mayReportGuessing = (user: User, now: Date): boolean =>
  user.is_active &&
  (user.guessing_told_at === undefined || now.getTime() - user.guessing_told_at.getTime() >= DAY_MS);
