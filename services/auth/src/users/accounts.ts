import { timeOrderedId } from '@quartet/common/database/time-ordered-id.ts';
import { AppError } from '@quartet/common/errors.ts';
import type { UserOrigin } from '@quartet/common/events/contracts.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import { refuseFullOutbox } from '@quartet/common/events/outbox/outbox.ts';
import type { Relay } from '@quartet/common/events/outbox/relay.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import { badToken, userGone } from '@quartet/common/tokens/access.ts';
import type { TokenVerifier } from '@quartet/common/tokens/verifier.ts';
import { withGrant } from '../links/link-grants.ts';
import type { HashTurn, Passwords } from '../passwords.ts';
import { deletesItself } from '../refusals.ts';
import type { Revoker } from '../tokens/revoker.ts';
import type { TokenIssuer } from '../tokens/token-issuer.ts';
import { createCredentials } from './credentials.ts';
import { EmailTaken } from './email-taken.ts';
import type { User } from './user.ts';
import {
  guessingDetected,
  loggedOut,
  mayReportGuessing,
  mayRequestReset,
  resetRequested,
  userDeleted,
  verificationRequested,
} from './user-events.ts';
import { hasEnded, type Session, type SessionOfToken } from './user-sessions.ts';
import type { UserStore } from './user-store.ts';
import { endOfSessions, eventOf, respellingOf, softDeletionOf, type UserWrite } from './user-write.ts';
import { createUserWriter } from './user-writer.ts';
import { createUser, type NewUser, type UserPatch, updateUser } from './users.ts';
import { grantToNewAddress, mayRequestVerification, type VerificationRules } from './verification.ts';

export type Accounts = ReturnType<typeof createAccounts>;

type Fields = Omit<NewUser, 'hashed_password'> & { password: string };
type Patch = Omit<UserPatch, 'hashed_password'> & { password?: string | undefined };
/** Throws what the caller gets when the user is not as the caller wants to change it. */
type Checks = { checkRevision(revision: number): void };

export function createAccounts(parts: {
  store: UserStore;
  relay: Relay<User>;
  passwords: Passwords;
  issuer: TokenIssuer;
  verifier: TokenVerifier;
  revoker: Revoker;
  verification: VerificationRules;
  passwordSet: (email: string) => Promise<void>;
}) {
  const { store, passwords, verification } = parts;
  const { linkSeconds } = verification;
  const writer = createUserWriter(parts);

  /** A queued write must not happen for a session that has ended meanwhile. */
  const refuseEnded = (user: User, session: SessionOfToken | undefined): void => {
    if (session && hasEnded(user, session)) throw badToken();
  };

  async function addEvent(email: string, decide: (read: User) => UserWrite | undefined): Promise<void> {
    const user = await store.findByEmail(email);
    if (!user) return;
    const address = normalizeEmail(user.email);
    try {
      const written = await writer.write(user._id.toHexString(), userGone, (read) =>
        // The user has another address by now, and the request was not for that one.
        normalizeEmail(read.email) === address ? decide(read) : undefined,
      );
      writer.publish(written);
    } catch (err) {
      // A user who was deleted meanwhile is like an unknown address. A full queue is not: a request is tried again later.
      if (!(err instanceof AppError && err.fault === 'not-found')) throw err;
    }
  }

  return {
    ...createCredentials({ ...parts, writer }),

    /** @throws {EmailTaken} when another user has the address */
    async create(
      { password, ...fields }: Fields,
      origin: UserOrigin,
      context: EventContext,
      turn: HashTurn,
    ): Promise<User> {
      // The index decides; this look-up saves the cost of a hash for a taken address.
      if (await store.findByEmail(fields.email)) throw new EmailTaken();
      const hashed_password = await passwords.hash(password, turn);
      const id = timeOrderedId(context.now);
      const user = createUser(id, { ...fields, hashed_password }, origin, context, verification.isOn);
      await store.insert(user);
      writer.publish(user);
      return user;
    },

    /** `own` is the session of a user who changes itself. @throws {EmailTaken} when the address is taken */
    async update(
      userId: string,
      { password, ...fields }: Patch,
      context: EventContext,
      {
        missing,
        turn,
        own,
        checkRevision,
      }: Checks & { turn: HashTurn; missing: () => AppError; own?: SessionOfToken },
    ): Promise<User> {
      const hashed_password = password === undefined ? undefined : await passwords.hash(password, turn);
      return writer.change(userId, missing, (read) => {
        refuseEnded(read, own);
        checkRevision(read.revision);
        const change = updateUser(read, { ...fields, hashed_password }, context);
        return grantToNewAddress(read, change, verification, context);
      });
    },

    /** Does nothing when no active user has this address. */
    requestReset: (email: string, context: EventContext, eventId: string): Promise<void> =>
      addEvent(email, (read) => {
        const isKnown = read.link_grants?.some(({ event_id }) => event_id === eventId);
        if (isKnown || !mayRequestReset(read)) return undefined;
        const event = { ...resetRequested(read, context), id: eventId };
        const link_grants = withGrant(read.link_grants, read, event.id, context.now, linkSeconds);
        return eventOf(event, { link_grants });
      }),

    /** Does nothing when no active user has this address, or it is verified. */
    requestVerification: (email: string, context: EventContext, eventId: string): Promise<void> =>
      addEvent(email, (read) => {
        const isKnown = read.verify_grants?.some(({ event_id }) => event_id === eventId);
        if (!verification.isOn || isKnown || !mayRequestVerification(read)) return undefined;
        const event = { ...verificationRequested(read, context), id: eventId };
        const verify_grants = withGrant(read.verify_grants, read, event.id, context.now, linkSeconds);
        return eventOf(event, { verify_grants });
      }),

    reportGuessing: (email: string, failures: number, context: EventContext): Promise<void> =>
      addEvent(email, (read) =>
        mayReportGuessing(read, context.now)
          ? eventOf(guessingDetected(read, failures, context), { guessing_told_at: context.now })
          : undefined,
      ),

    /** Normalizes an address of an earlier release. @throws {EmailTaken} when another user has it */
    respell: (userId: string, now: Date): Promise<User> =>
      writer.write(userId, userGone, (read) => {
        const email = normalizeEmail(read.email);
        return email === read.email ? undefined : respellingOf(read, email, now);
      }),

    /** All but the session `except`. `own` is the session of a user who ends their own. */
    async endSessions(
      userId: string,
      except: string | null,
      context: EventContext,
      own?: SessionOfToken,
    ): Promise<void> {
      const user = await writer.write(userId, userGone, (read) => {
        refuseEnded(read, own);
        refuseFullOutbox(read, { isUrgent: true });
        return endOfSessions(read, except, context);
      });
      await writer.publishRevocation(user);
    },

    /** For a session of an earlier release, which has no document of its own. */
    async logOut(userId: string, session: Session, context: EventContext): Promise<void> {
      const user = await writer.write(userId, userGone, (read) => {
        refuseFullOutbox(read, { isUrgent: true });
        return eventOf(loggedOut(read, session, context));
      });
      await writer.publishRevocation(user);
    },

    /** @throws {AppError} 404 when there is no such user; 403 when a superuser deletes itself */
    async remove(
      userId: string,
      caller: SessionOfToken & { userId: string },
      context: EventContext,
      { checkRevision }: Checks,
    ): Promise<void> {
      const isOwn = userId === caller.userId;
      const tombstone = await writer.write(userId, userGone, (read) => {
        refuseEnded(read, isOwn ? caller : undefined);
        if (read.is_superuser && isOwn) throw deletesItself();
        checkRevision(read.revision);
        refuseFullOutbox(read, { isUrgent: true });
        return softDeletionOf(read, userDeleted(read, context), context.now);
      });
      await writer.publishRevocation(tombstone);
    },
  };
}
