import {
  contracts,
  type EventData,
  type EventType,
  type UserOrigin,
} from '@quartet/common/events/contracts.ts';
import { createEvent, type EventContext } from '@quartet/common/events/envelope.ts';
import { type OutboxEntry, toOutbox } from '@quartet/common/events/outbox/outbox.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { Revocation } from '@quartet/common/tokens/revocations.ts';
import type { ObjectId } from 'mongodb';
import { withGrant } from '../links/link-grants.ts';
import { grantsAfter, grantsBefore, mayUndo, restoredAddress } from '../links/undo-grants.ts';
import type { LinkGrant, UndoGrant } from '../users/user.ts';
import type { User, UserChange } from './user.ts';

/** What a new user is made of; the password is hashed already. */
export type NewUser = Pick<User, 'email' | 'full_name' | 'hashed_password' | 'is_active' | 'is_superuser'>;

/** What an update may set. A field left out stays. */
export type UserPatch = { [K in keyof NewUser]?: NewUser[K] | undefined };

/** A session, and when its last token expires, in seconds since the epoch. */
export type Session = { sessionId: string; expiresAt: number };

/** A session, and the version of its user's tokens that its token is of. */
export type SessionOfToken = { sessionId: string; tokenVersion: number };

/** Who changed a password. */
export type PasswordChangedBy = EventData<'password.changed'>['by'];

const DAY_MS = 86_400_000;
const REVOKING: ReadonlySet<string> = new Set(['is_active', 'is_superuser']);

/** A new user with the event that tells of it. */
export function createUser(_id: ObjectId, fields: NewUser, origin: UserOrigin, context: EventContext): User {
  const { email, is_active, is_superuser } = fields;
  const created = { user_id: _id.toHexString(), email, is_active, is_superuser, origin };
  const event = userEvent('user.created', _id, created, context);
  const invited: LinkGrant[] = [{ event_id: event.id, at: context.now, email_version: 0 }];
  return {
    _id,
    ...fields,
    email_version: 0,
    token_version: 0,
    spared_session: null,
    revision: 0,
    link_grants: origin === 'admin' ? invited : [],
    created_at: context.now,
    updated_at: context.now,
    outbox: [event],
  };
}

/**
 * What an update changes.
 * @returns undefined when everything is so already
 */
export function updateUser(
  user: User,
  patch: UserPatch,
  context: EventContext,
  passwordBy: { by: PasswordChangedBy; spare: string | null } = { by: 'admin', spare: null },
): UserChange | undefined {
  // Another spelling of the own mailbox is no new address.
  const before = { ...user, email: normalizeEmail(user.email) };
  const entries = Object.entries(patch).filter(
    ([name, value]) => value !== undefined && value !== before[name as keyof NewUser],
  );
  if (entries.length === 0) return undefined;
  const set: UserChange['set'] = Object.fromEntries(entries);
  const { email, is_active, is_superuser } = { ...user, ...set };
  const subject = { user_id: user._id.toHexString(), email };
  const events: OutboxEntry[] = [];
  const changed = entries.map(([name]) => name).filter((name) => name !== 'hashed_password');
  if (changed.length > 0) {
    const isTold = set.email !== undefined && mayUndo(user, set.email, context.now);
    const previous = isTold ? { previous_email: user.email } : {};
    const updated = { ...subject, is_active, is_superuser, changed, ...previous };
    const event = userEvent('user.updated', user._id, updated, context);
    events.push(event);
    if (set.email !== undefined) set.undo_grants = grantsAfter(user, set.email, event.id, context.now);
  }
  if (set.hashed_password === undefined) return { set, events, now: context.now };
  events.push(userEvent('password.changed', user._id, { ...subject, by: passwordBy.by }, context));
  return { set, events, now: context.now, endSessions: { spare: passwordBy.spare } };
}

/**
 * What it changes that a former address undoes the changes since. Whoever made them may know the password, and have links: none
 * of it is worth anything afterwards.
 * @param hashed_password of a password that nobody knows
 */
export function undoEmailChange(
  user: User,
  grant: UndoGrant,
  hashed_password: string,
  context: EventContext,
  linkSeconds: number,
): UserChange {
  const { _id, is_active, is_superuser } = user;
  const { now } = context;
  const email = restoredAddress(grant);
  const subject = { user_id: _id.toHexString(), email };
  const changed = email === user.email ? [] : ['email'];
  const updated = { ...subject, is_active, is_superuser, changed, sessions_ended: true };
  // Who is deactivated could not use the link.
  const wishes = is_active ? [userEvent('password.reset-requested', _id, subject, context)] : [];
  const after = { ...user, email_version: user.email_version + 1 };
  return {
    set: {
      email,
      hashed_password,
      undo_grants: grantsBefore(user, grant, now),
      link_grants: wishes.flatMap(({ id }) => withGrant(after, id, now, linkSeconds)),
    },
    endSessions: { spare: null },
    events: [userEvent('user.updated', _id, updated, context), ...wishes],
    now,
  };
}

/** Whether a session that was let in has ended since. */
export const hasEnded = (user: User, { sessionId, tokenVersion }: SessionOfToken): boolean =>
  tokenVersion < user.token_version && sessionId !== user.spared_session;

/** Whether a change takes something from the user's tokens. */
export const endsTokens = ({ set, endSessions }: UserChange): boolean =>
  endSessions !== undefined || set.is_active === false || set.is_superuser === false;

export function userDeleted(user: User, context: EventContext): OutboxEntry {
  const data = { user_id: user._id.toHexString(), email: user.email };
  return userEvent('user.deleted', user._id, data, context);
}

/** A wish that waits in the outbox stands for those that follow, so that they cannot fill the document. */
export const mayAskForReset = (user: User): boolean =>
  user.is_active && !user.outbox.some(({ type }) => type === 'password.reset-requested');

/** Once a day is enough to say that passwords are tried; nobody but an active user is told. */
export const mayTellOfGuessing = (user: User, now: Date): boolean =>
  user.is_active &&
  (user.guessing_told_at === undefined || now.getTime() - user.guessing_told_at.getTime() >= DAY_MS);

export function guessingDetected(user: User, failures: number, context: EventContext): OutboxEntry {
  const data = { user_id: user._id.toHexString(), email: user.email, failures };
  return userEvent('password.guessing-detected', user._id, data, context);
}

export function resetRequested(user: User, context: EventContext): OutboxEntry {
  const data = { user_id: user._id.toHexString(), email: user.email };
  return userEvent('password.reset-requested', user._id, data, context);
}

/** One session of the user ends; the others live on. */
export function loggedOut(user: User, session: Session, context: EventContext): OutboxEntry {
  const data = { user_id: user._id.toHexString(), session_id: session.sessionId, until: session.expiresAt };
  return userEvent('user.logged-out', user._id, data, context);
}

/** Sessions that events in the user's outbox say were logged out. */
export function endedSessions(user: User): Session[] {
  return user.outbox
    .filter(({ type }) => type === 'user.logged-out')
    .map(({ data }) => contracts['user.logged-out'].data.parse(data))
    .map(({ session_id, until }) => ({ sessionId: session_id, expiresAt: until }));
}

/** Events that change what tokens are worth. */
export const REVOKING_EVENTS: readonly EventType[] = [
  'user.updated',
  'user.logged-out',
  'user.deleted',
  'password.changed',
];

/**
 * What every token check must know of a user, if an event that waits in its outbox says that it changed.
 */
export function revocationOf(user: User): Revocation | undefined {
  if (!user.outbox.some(isRevoking)) return undefined;
  return {
    revision: user.revision,
    version: user.token_version,
    sparedSession: user.spared_session,
    isActive: user.is_active,
    isSuperuser: user.is_superuser,
    deleted: user.deleted_at !== undefined,
  };
}

function isRevoking({ type, data }: OutboxEntry): boolean {
  if (type === 'user.deleted' || type === 'password.changed') return true;
  const updated = type === 'user.updated' ? contracts[type].data.safeParse(data).data : undefined;
  return updated?.sessions_ended === true || (updated?.changed.some((name) => REVOKING.has(name)) ?? false);
}

function userEvent<T extends EventType>(
  type: T,
  userId: ObjectId,
  data: EventData<T>,
  context: EventContext,
): OutboxEntry {
  return toOutbox(createEvent(type, userId.toHexString(), data, context.now), context);
}
