import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import { ObjectId } from 'mongodb';
import type { User } from '../users/user.ts';
import { userEvent } from '../users/user-events.ts';
import { hasEnded } from '../users/user-sessions.ts';
import { digestOf, hasDigest, type RefreshToken, successorOf } from './refresh-token.ts';
import type { Device, Rotation, StoredSession } from './stored-session.ts';

/** Durations are in milliseconds. */
export type SessionLife = { sinceUseMs: number; sinceLoginMs: number };

/** A token that was used is taken once more for this time: another tab, or an answer that was lost. */
export const REPEAT_MS = 10_000;
/** More rotations of one session within that time are refused, so that its document stays small. */
const MOST_ROTATIONS = 100;
const USER_AGENT_LENGTH = 255;

/** `tokensExpireAt` is when the first access token expires; without a refresh token the session ends then. */
export function newSession(
  _id: ObjectId,
  user: Pick<User, '_id' | 'token_version'>,
  device: Device,
  now: Date,
  tokensExpireAt: Date,
  refresh?: { token: RefreshToken; life: SessionLife },
): StoredSession {
  return {
    _id,
    user_id: user._id,
    token_version: user.token_version,
    token_digest: refresh ? digestOf(refresh.token) : null,
    generation: 0,
    rotations: [],
    ...seen(device),
    created_at: now,
    last_used_at: now,
    expires_at: refresh ? expiryOf(now, now, refresh.life) : tokensExpireAt,
    tokens_expire_at: tokensExpireAt,
    revision: 0,
    outbox: [],
  };
}

/** `repeated` has the present token for one who used an earlier one a moment ago. */
export type Verdict =
  | { kind: 'present' }
  | { kind: 'repeated'; token: RefreshToken }
  | { kind: 'stolen' }
  | { kind: 'invalid' };

/** Judges a token that this installation has written. */
export function judge(session: StoredSession, token: RefreshToken, now: Date): Verdict {
  const { token_digest, generation, rotations } = session;
  if (token_digest === null || isOver(session, now)) return { kind: 'invalid' };
  const used = generation - token.generation;
  // A later token than the present one is from before the database was restored: nobody has stolen it.
  if (used < 0) return { kind: 'invalid' };
  if (used === 0) return { kind: hasDigest(token, token_digest) ? 'present' : 'invalid' };
  const since = used <= rotations.length ? rotations.slice(-used) : [];
  const [first] = since;
  if (!first) return { kind: 'stolen' };
  if (!hasDigest(token, first.digest)) return { kind: 'invalid' };
  if (now.getTime() - first.at.getTime() > REPEAT_MS) return { kind: 'stolen' };
  return { kind: 'repeated', token: since.reduce((earlier, { salt }) => successorOf(earlier, salt), token) };
}

/** Whether the session has rotated so often within moments that its document would grow. */
export const rotatesTooOften = ({ rotations }: StoredSession, now: Date): boolean =>
  recent(rotations, now).length >= MOST_ROTATIONS;

/** Replaces the present token `used`; the session's new access token expires at `tokenExpiresAt`. */
export function rotate(
  session: StoredSession,
  { used, salt, user, device }: { used: RefreshToken; salt: string; user: User; device: Device },
  life: SessionLife,
  tokenExpiresAt: Date,
  now: Date,
): StoredSession {
  const successor = successorOf(used, salt);
  // One who repeats the request gets an access token too.
  const tokensExpireAt = tokenExpiresAt.getTime() + REPEAT_MS;
  return {
    ...session,
    ...seen(device),
    token_version: user.token_version,
    token_digest: digestOf(successor),
    generation: successor.generation,
    rotations: [...recent(session.rotations, now), { digest: digestOf(used), salt, at: now }],
    last_used_at: now,
    expires_at: expiryOf(session.created_at, now, life),
    tokens_expire_at: new Date(Math.max(tokensExpireAt, session.tokens_expire_at.getTime())),
    revision: session.revision + 1,
  };
}

/** The tombstone of an ended session carries its event. */
export const ended = (session: StoredSession, event: OutboxEntry, now: Date): StoredSession => ({
  ...session,
  outbox: [event],
  revision: session.revision + 1,
  deleted_at: now,
});

const endOf = (session: StoredSession) => ({
  session_id: session._id.toHexString(),
  until: Math.ceil(session.tokens_expire_at.getTime() / 1000),
});

export const sessionEnded = (session: StoredSession, context: EventContext): OutboxEntry =>
  userEvent(
    'user.logged-out',
    session.user_id,
    { user_id: session.user_id.toHexString(), ...endOf(session) },
    context,
  );

export const sessionStolen = (session: StoredSession, user: User, context: EventContext): OutboxEntry =>
  userEvent(
    'user.session-stolen',
    user._id,
    { user_id: user._id.toHexString(), email: user.email, ...endOf(session) },
    context,
  );

/** Whether the session has ended by itself. */
export const isOver = ({ deleted_at, expires_at }: StoredSession, now: Date): boolean =>
  deleted_at !== undefined || expires_at <= now;

/** Whether a change of the user has ended the session. */
export const isEndedBy = (user: User, { _id, token_version }: StoredSession): boolean =>
  user.deleted_at !== undefined ||
  hasEnded(user, { sessionId: _id.toHexString(), tokenVersion: token_version });

/** The chain of rotations stays whole, also when the clocks of replicas differ. */
function recent(rotations: Rotation[], now: Date): Rotation[] {
  const first = rotations.findIndex(({ at }) => now.getTime() - at.getTime() <= REPEAT_MS);
  return first < 0 ? [] : rotations.slice(first);
}

export const expiryOf = (createdAt: Date, now: Date, { sinceUseMs, sinceLoginMs }: SessionLife): Date =>
  new Date(Math.min(now.getTime() + sinceUseMs, createdAt.getTime() + sinceLoginMs));

const seen = ({ userAgent, address }: Device) => ({
  user_agent:
    userAgent === null
      ? null
      : [...userAgent.slice(0, 2 * USER_AGENT_LENGTH)].slice(0, USER_AGENT_LENGTH).join(''),
  ip_address: address,
});

/** An id in the form of a session's, or undefined. */
export const sessionIdOf = (text: string): ObjectId | undefined =>
  /^[0-9a-f]{24}$/.test(text) ? new ObjectId(text) : undefined;
