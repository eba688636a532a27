import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import { AppError } from '@quartet/common/errors.ts';
import type { UserOrigin } from '@quartet/common/events/contracts.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import { refuseFullOutbox } from '@quartet/common/events/outbox/outbox.ts';
import type { Relay } from '@quartet/common/events/outbox/relay.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import { badToken, userGone, userInactive } from '@quartet/common/tokens/access.ts';
import type { TokenVerifier } from '@quartet/common/tokens/verifier.ts';
import { ObjectId } from 'mongodb';
import { withGrant } from '../links/link-grants.ts';
import { undoGrantOf } from '../links/undo-grants.ts';
import type { HashTurn, Passwords } from '../passwords.ts';
import { deletesItself, invalidLink, samePassword, wrongPassword } from '../refusals.ts';
import type { Revoker } from '../tokens/revocation-publisher.ts';
import type { TokenIssuer } from '../tokens/token-issuer.ts';
import type { User, UserChange } from './user.ts';
import { EmailTaken, type UserStore } from './user-store.ts';
import {
  createUser,
  endsTokens,
  guessingDetected,
  hasEnded,
  loggedOut,
  mayAskForReset,
  mayTellOfGuessing,
  type NewUser,
  resetRequested,
  type Session,
  type SessionOfToken,
  undoEmailChange,
  updateUser,
  userDeleted,
} from './users.ts';

/** What accounts are made with and changed by: rules from `users.ts`, stored by the store, told by the relay. */
export type Accounts = ReturnType<typeof createAccounts>;

/** How long a request waits for its revocation to be known; it is safe in the user's document already. */
const REVOCATION_WAIT_MS = 250;
/** Every lost race means that another replica's write succeeded. */
const MOST_RACES = 50;
/** Writes of one user that may be running or waiting in this process. */
const MOST_WRITES_OF_ONE = 200;

/** Compares a password with that of the account of an address, when the account's attempts allow it. */
type LimitedComparison = (email: string, compare: () => Promise<boolean>) => Promise<boolean>;

type Fields = Omit<NewUser, 'hashed_password'> & { password: string };
type Patch = { [K in keyof Fields]?: Fields[K] | undefined };

export function createAccounts(parts: {
  store: UserStore;
  relay: Relay<User>;
  passwords: Passwords;
  issuer: TokenIssuer;
  verifier: TokenVerifier;
  revoker: Revoker;
  linkSeconds: number;
  /** Told of every new password, by the user's address. */
  passwordSet: (email: string) => Promise<void>;
}) {
  const { store, relay, passwords, issuer, verifier, revoker, linkSeconds, passwordSet } = parts;
  const inTurn = createKeyedQueue(MOST_WRITES_OF_ONE);

  /** Reads, decides and writes, one write of a user at a time. */
  const write = (
    userId: string,
    missing: () => AppError,
    decide: (user: User) => Promise<User | null> | undefined,
  ): Promise<User> => inTurn(userId, () => tryToWrite(userId, missing, decide));

  /** Begins again when another replica wrote in between. */
  async function tryToWrite(
    userId: string,
    missing: () => AppError,
    decide: (user: User) => Promise<User | null> | undefined,
  ): Promise<User> {
    for (let race = 0; race < MOST_RACES; race += 1) {
      const user = await store.findById(userId);
      if (!user) throw missing();
      const writing = decide(user);
      if (!writing) return user;
      const written = await writing;
      if (written) return written;
    }
    throw new Error(`user ${userId} changed ${MOST_RACES} times under an update`);
  }

  async function change(
    userId: string,
    missing: () => AppError,
    decide: (user: User) => UserChange | undefined,
  ): Promise<User> {
    let setsPassword = false;
    const user = await write(userId, missing, (read) => {
      const changed = decide(read);
      setsPassword = changed?.set.hashed_password !== undefined;
      if (changed) refuseFullOutbox(read, { isUrgent: endsTokens(changed) });
      return changed && store.change(read, changed);
    });
    await Promise.all([tell(user), setsPassword && passwordSet(user.email)]);
    return user;
  }

  async function tell(user: User): Promise<void> {
    revoker.revokeHere(user);
    await Promise.race([relay.publish(user), delay(REVOCATION_WAIT_MS, undefined, { ref: false })]);
  }

  /** What waits for its turn must not be written for a session that has ended meanwhile. */
  const refuseEnded = (user: User, session: SessionOfToken | undefined): void => {
    if (session && hasEnded(user, session)) throw badToken();
  };

  /** Stores an event with the user of an address, if there is one and the rule makes one. */
  async function addEvent(
    email: string,
    decide: (user: User) => Promise<User | null> | undefined,
  ): Promise<void> {
    const user = await store.findByEmail(email);
    if (!user) return;
    const address = normalizeEmail(user.email);
    try {
      const written = await write(user._id.toHexString(), userGone, (read) =>
        // Moved to another address meanwhile, whose owner asked for nothing.
        normalizeEmail(read.email) === address ? decide(read) : undefined,
      );
      void relay.publish(written);
    } catch (err) {
      // Deleted meanwhile: an address like any other that is not registered.
      if (!(err instanceof AppError)) throw err;
    }
  }

  return {
    /** @throws {EmailTaken} */
    async create(
      { password, ...fields }: Fields,
      origin: UserOrigin,
      context: EventContext,
      turn: HashTurn,
    ): Promise<User> {
      // The index decides; looking first spares a taken address the cost of a hash.
      if (await store.findByEmail(fields.email)) throw new EmailTaken();
      const hashed_password = await passwords.hash(password, turn);
      const user = createUser(new ObjectId(), { ...fields, hashed_password }, origin, context);
      await store.insert(user);
      void relay.publish(user);
      return user;
    },

    /**
     * @param own the session of a user who changes itself
     * @throws {AppError} `missing()` @throws {EmailTaken}
     */
    async update(
      userId: string,
      { password, ...fields }: Patch,
      context: EventContext,
      missing: () => AppError,
      turn: HashTurn,
      own?: SessionOfToken,
    ): Promise<User> {
      const hashed_password = password === undefined ? undefined : await passwords.hash(password, turn);
      return change(userId, missing, (user) => {
        refuseEnded(user, own);
        return updateUser(user, { ...fields, hashed_password }, context);
      });
    },

    /** The session `sessionId` lives on, all others end. Whoever stole it can guess no quicker here than at the login. */
    async changePassword(
      caller: { userId: string; sessionId: string },
      { current, wanted }: { current: string; wanted: string },
      context: EventContext,
      limited: LimitedComparison,
      mayChange: () => Promise<void>,
      turn: HashTurn,
    ): Promise<void> {
      const user = await store.findById(caller.userId);
      if (!user) throw userGone();
      const fits = await limited(user.email, () => passwords.verify(current, user.hashed_password, turn));
      if (!fits) throw wrongPassword();
      if (current === wanted) throw samePassword();
      await mayChange();
      const hashed_password = await passwords.hash(wanted, turn);
      await change(caller.userId, userGone, (read) => {
        // Somebody else set another password meanwhile: the one given is not current any more.
        if (read.hashed_password !== user.hashed_password) throw wrongPassword();
        return updateUser(read, { hashed_password }, context, { by: 'owner', spare: caller.sessionId });
      });
    },

    /** Sets the password by a link's token, which then fits its user no longer. All sessions end. */
    async resetPassword(token: string, wanted: string, context: EventContext, turn: HashTurn): Promise<User> {
      const link = await verifier.verify(token, 'link');
      if (!link) throw invalidLink();
      const refuseUnfit = (user: User): void => {
        if (!issuer.isFresh(link.fpr, user)) throw invalidLink();
        if (!user.is_active) throw userInactive();
      };
      const user = await store.findById(link.sub);
      if (!user) throw invalidLink();
      refuseUnfit(user);
      const hashed_password = await passwords.hash(wanted, turn);
      return change(link.sub, invalidLink, (read) => {
        refuseUnfit(read);
        return updateUser(read, { hashed_password }, context, { by: 'link', spare: null });
      });
    },

    /** Brings a former address back by the token of the link that went there. All sessions end. @throws {EmailTaken} */
    async undoEmailChange(token: string, context: EventContext, turn: HashTurn): Promise<User> {
      const link = await verifier.verify(token, 'undo');
      if (!link) throw invalidLink();
      const grantIn = (user: User) => {
        const grant = undoGrantOf(user, link.grant, context.now);
        if (!grant) throw invalidLink();
        return grant;
      };
      const user = await store.findById(link.sub);
      if (!user) throw invalidLink();
      grantIn(user);
      const hashed_password = await passwords.hash(randomBytes(32).toString('base64url'), turn);
      return change(link.sub, invalidLink, (read) =>
        undoEmailChange(read, grantIn(read), hashed_password, context, linkSeconds),
      );
    },

    /** Publishes that an active user of this address wants a link; does nothing for any other address. */
    requestReset: (email: string, context: EventContext, eventId: string): Promise<void> =>
      addEvent(email, (read) => {
        const isKnown = read.link_grants?.some(({ event_id }) => event_id === eventId);
        if (isKnown || !mayAskForReset(read)) return undefined;
        const event = { ...resetRequested(read, context), id: eventId };
        const link_grants = withGrant(read, event.id, context.now, linkSeconds);
        return store.addEvent(read, event, { link_grants });
      }),

    /** Publishes, once a day, that somebody tries passwords on the active user of this address. */
    tellOfGuessing: (email: string, failures: number, context: EventContext): Promise<void> =>
      addEvent(email, (read) =>
        mayTellOfGuessing(read, context.now)
          ? store.addEvent(read, guessingDetected(read, failures, context), { guessing_told_at: context.now })
          : undefined,
      ),

    /** Brings the address, as an earlier release stored it, into the form. @throws {EmailTaken} */
    respell: (userId: string): Promise<User> =>
      write(userId, userGone, (read) => {
        const form = normalizeEmail(read.email);
        return form === read.email ? undefined : store.respell(read, form);
      }),

    /** Ends one session; the answer to a caller who is told so is true after a restart too. */
    async logOut(userId: string, session: Session, context: EventContext): Promise<void> {
      const user = await write(userId, userGone, (read) => {
        refuseFullOutbox(read, { isUrgent: true });
        return store.addEvent(read, loggedOut(read, session, context));
      });
      await tell(user);
    },

    /** @throws {AppError} 404 when there is no such user; 403 when it is a superuser deleting itself */
    async remove(
      userId: string,
      caller: SessionOfToken & { userId: string },
      context: EventContext,
    ): Promise<void> {
      const isOwn = userId === caller.userId;
      const tombstone = await write(userId, userGone, (user) => {
        refuseEnded(user, isOwn ? caller : undefined);
        if (user.is_superuser && isOwn) {
          throw deletesItself();
        }
        refuseFullOutbox(user, { isUrgent: true });
        return store.bury(user, userDeleted(user, context), context.now);
      });
      await tell(tombstone);
    },
  };
}
