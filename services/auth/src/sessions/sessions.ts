import { setTimeout as delay } from 'node:timers/promises';
import { tooManyRequests } from '@quartet/common/errors.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { Relay } from '@quartet/common/events/outbox/relay.ts';
import { userInactive } from '@quartet/common/tokens/access.ts';
import type { RevocationView } from '@quartet/common/tokens/revocations.ts';
import { ObjectId } from 'mongodb';
import { emailNotVerified, invalidRefreshToken } from '../refusals.ts';
import type { Revoker } from '../tokens/revoker.ts';
import type { TokenIssuer } from '../tokens/token-issuer.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { VerificationRules } from '../users/verification.ts';
import { isVerified } from '../users/verified.ts';
import { firstToken, newSalt, type RefreshToken, type RefreshTokens, successorOf } from './refresh-token.ts';
import { createSessionEndings } from './session-endings.ts';
import {
  expiryOf,
  isEndedBy,
  isOver,
  judge,
  newSession,
  REPEAT_MS,
  rotate,
  rotatesTooOften,
  type SessionLife,
  sessionIdOf,
  sessionStolen,
} from './session-rules.ts';
import type { SessionStore } from './session-store.ts';
import type { Device, StoredSession } from './stored-session.ts';

/** Lives are in seconds; `refreshToken` is there for a session that has one. */
export type Opened = {
  accessToken: string;
  lifeSeconds: number;
  refreshToken?: { text: string; lifeSeconds: number };
};

export type RefreshOutcome = 'rotated' | 'repeated' | 'stolen' | 'invalid' | 'inactive' | 'unverified';

export type Sessions = ReturnType<typeof createSessions>;

const MOST_RACES = 50;
/** A database that is away for longer may cost a session. */
const UNANSWERED_FOR_MS = 120_000;
const LOOK_AGAIN_MS = 100;
/** As many as any list has. */
const MOST_LISTED = 1_000;

export function createSessions(parts: {
  store: SessionStore;
  users: UserStore;
  relay: Relay<StoredSession>;
  issuer: TokenIssuer;
  refreshTokens: RefreshTokens;
  revoker: Revoker;
  revocations: RevocationView;
  verification: VerificationRules;
  life: SessionLife & { tokenSeconds: number; shortTokenSeconds: number };
  refreshed: (outcome: RefreshOutcome) => void;
  signal: AbortSignal;
}) {
  const { store, users, issuer, refreshTokens, revocations, verification, life, refreshed } = parts;
  const { end, ...endings } = createSessionEndings(parts);

  /** Nobody has got the answer of a write that failed. If it was done all the same, its token counts as used now. */
  async function repeatFromNow(id: ObjectId, salt: string): Promise<void> {
    const until = Date.now() + UNANSWERED_FOR_MS;
    while (Date.now() < until && !parts.signal.aborted) {
      try {
        const read = await store.find(id);
        const last = read?.rotations.at(-1);
        if (!read || read.deleted_at || last?.salt !== salt) return;
        const rotations = read.rotations.with(-1, { ...last, at: new Date() });
        if (await store.replace(read, { ...read, rotations, revision: read.revision + 1 })) return;
      } catch {
        await delay(LOOK_AGAIN_MS, undefined, { ref: false });
      }
    }
  }

  const refuse = (outcome: 'invalid' | 'stolen') => {
    refreshed(outcome);
    return invalidRefreshToken();
  };

  const lifeOfToken = (expiresAt: Date, now: Date): number =>
    Math.max(1, Math.min(life.shortTokenSeconds, Math.floor((expiresAt.getTime() - now.getTime()) / 1000)));

  const opened = (accessToken: string, lifeSeconds: number, token: RefreshToken, leftMs: number): Opened => ({
    accessToken,
    lifeSeconds,
    refreshToken: { text: refreshTokens.write(token), lifeSeconds: Math.floor(leftMs / 1000) },
  });

  /** @returns undefined when another write came first. @throws {AppError} 400 */
  async function tryRefresh(
    token: RefreshToken,
    device: Device,
    context: EventContext,
  ): Promise<Opened | undefined> {
    const { now } = context;
    const id = sessionIdOf(token.sessionId);
    const session = id && (await store.find(id));
    if (!session) throw refuse('invalid');
    const verdict = judge(session, token, now);
    if (verdict.kind === 'invalid') throw refuse('invalid');
    const user = await users.findById(session.user_id.toHexString());
    if (!user || isEndedBy(user, session) || revocations.hasEnded(token.sessionId)) throw refuse('invalid');
    if (verdict.kind === 'stolen') {
      if (!(await end(session, sessionStolen(session, user, context), now))) return undefined;
      throw refuse('stolen');
    }
    if (!user.is_active) {
      refreshed('inactive');
      throw userInactive();
    }
    if (verification.isRequired && !isVerified(user)) {
      refreshed('unverified');
      throw emailNotVerified();
    }
    if (verdict.kind === 'repeated') {
      const seconds = Math.floor((session.tokens_expire_at.getTime() - now.getTime()) / 1000);
      const lifeSeconds = Math.max(1, Math.min(seconds, lifeOfToken(session.expires_at, now)));
      refreshed('repeated');
      const access = issuer.accessToken(user, token.sessionId, lifeSeconds);
      return opened(access.token, lifeSeconds, verdict.token, session.expires_at.getTime() - now.getTime());
    }
    if (rotatesTooOften(session, now)) throw tooManyRequests(REPEAT_MS / 1000);
    const salt = newSalt();
    const expiresAt = expiryOf(session.created_at, now, life);
    const lifeSeconds = lifeOfToken(expiresAt, now);
    const access = issuer.accessToken(user, token.sessionId, lifeSeconds);
    const rotation = { used: token, salt, user, device };
    const next = rotate(session, rotation, life, new Date(access.expiresAt * 1000), now);
    const isFirst = await store.replace(session, next).catch((err: unknown) => {
      void repeatFromNow(session._id, salt);
      throw err;
    });
    if (!isFirst) return undefined;
    refreshed('rotated');
    return opened(access.token, lifeSeconds, successorOf(token, salt), expiresAt.getTime() - now.getTime());
  }

  return {
    ...endings,

    /** `isRefreshable` asks for a refresh token and a short access token. */
    async open(user: User, isRefreshable: boolean, device: Device, now: Date): Promise<Opened> {
      const id = new ObjectId();
      const sessionId = id.toHexString();
      const seconds = isRefreshable ? life.shortTokenSeconds : life.tokenSeconds;
      const access = issuer.accessToken(user, sessionId, seconds);
      const refresh = isRefreshable ? { token: firstToken(sessionId), life } : undefined;
      const session = newSession(id, user, device, now, new Date(access.expiresAt * 1000), refresh);
      await store.insert(session);
      return refresh
        ? opened(access.token, seconds, refresh.token, session.expires_at.getTime() - now.getTime())
        : { accessToken: access.token, lifeSeconds: seconds };
    },

    /** Returns undefined for a text that is no refresh token of this installation. */
    read(text: string): RefreshToken | undefined {
      const token = refreshTokens.read(text);
      if (!token) refreshed('invalid');
      return token;
    },

    /** @throws {AppError} 400 for a token that is not valid (a used one ends its session), or an inactive user */
    async refresh(token: RefreshToken, device: Device, context: EventContext): Promise<Opened> {
      for (let race = 0; race < MOST_RACES; race += 1) {
        const answer = await tryRefresh(token, device, { ...context, now: new Date() });
        if (answer) return answer;
      }
      throw new Error(`session ${token.sessionId} changed ${MOST_RACES} times under a refresh`);
    },

    /** The living sessions of a user, the last used one first. */
    async list(user: User, now: Date): Promise<{ data: StoredSession[]; count: number }> {
      const data: StoredSession[] = [];
      let count = 0;
      for await (const session of store.ofUser(user._id.toHexString())) {
        if (isOver(session, now) || isEndedBy(user, session)) continue;
        count += 1;
        if (data.length < MOST_LISTED) data.push(session);
      }
      return { data, count };
    },
  };
}
