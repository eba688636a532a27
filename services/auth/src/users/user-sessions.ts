import { contracts, type EventType } from '@quartet/common/events/contracts.ts';
import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { Revocation } from '@quartet/common/tokens/revocations.ts';
import type { User, UserChange } from './user.ts';

/** The last token expires at `expiresAt`, in seconds since the epoch. */
export type Session = { sessionId: string; expiresAt: number };

export type SessionOfToken = { sessionId: string; tokenVersion: number };

/** Tokens of a lesser version are revoked, except those of one session. */
export const exceptSession = (
  id: string | null,
  token_version: number,
): Pick<User, 'except_session' | 'spared_session'> => ({
  except_session: { id, token_version },
  // Replicas of release 0.1 know no other field.
  spared_session: id,
});

/** Release 0.1 writes only `spared_session`, so an `except_session` of another version is out of date. */
export const exceptSessionOf = ({ except_session, spared_session, token_version }: User): string | null =>
  (except_session?.token_version === token_version ? except_session.id : spared_session) ?? null;

export const hasEnded = (user: User, { sessionId, tokenVersion }: SessionOfToken): boolean =>
  tokenVersion < user.token_version && sessionId !== exceptSessionOf(user);

export const endsTokens = ({ set, endSessions }: UserChange): boolean =>
  endSessions !== undefined || set.is_active === false || set.is_superuser === false;

export const SESSION_ENDING_EVENTS = ['user.logged-out', 'user.session-stolen'] as const;

export const endedSessions = ({ outbox }: Pick<User, 'outbox'>): Session[] =>
  SESSION_ENDING_EVENTS.flatMap((ending) =>
    outbox
      .filter(({ type }) => type === ending)
      .map(({ data }) => contracts[ending].data.parse(data))
      .map(({ session_id, until }) => ({ sessionId: session_id, expiresAt: until })),
  );

export const REVOKING_EVENTS: readonly EventType[] = [
  'user.updated',
  'user.logged-out',
  'user.deleted',
  'password.changed',
];

const REVOKING_FIELDS: ReadonlySet<string> = new Set(['is_active', 'is_superuser']);

export function revocationOf(user: User): Revocation | undefined {
  if (!user.outbox.some(isRevoking)) return undefined;
  return {
    revision: user.revision,
    version: user.token_version,
    sparedSession: exceptSessionOf(user),
    isActive: user.is_active,
    isSuperuser: user.is_superuser,
    deleted: user.deleted_at !== undefined,
  };
}

/** Whether a waiting event of the user may have ended sessions. */
export const mayEndSessions = ({ outbox }: User): boolean =>
  outbox.some(
    ({ type, data }) =>
      type === 'user.deleted' ||
      type === 'password.changed' ||
      (type === 'user.updated' && contracts[type].data.safeParse(data).data?.sessions_ended === true),
  );

function isRevoking({ type, data }: OutboxEntry): boolean {
  if (type === 'user.deleted' || type === 'password.changed') return true;
  const updated = type === 'user.updated' ? contracts[type].data.safeParse(data).data : undefined;
  return (
    updated?.sessions_ended === true || (updated?.changed.some((name) => REVOKING_FIELDS.has(name)) ?? false)
  );
}
