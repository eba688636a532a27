import { randomBytes } from 'node:crypto';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import { userGone, userInactive } from '@quartet/common/tokens/access.ts';
import type { TokenVerifier } from '@quartet/common/tokens/verifier.ts';
import { undoGrantOf } from '../links/undo-grants.ts';
import type { HashTurn, Passwords } from '../passwords.ts';
import { invalidLink, samePassword, wrongPassword } from '../refusals.ts';
import type { TokenIssuer } from '../tokens/token-issuer.ts';
import type { User } from './user.ts';
import type { UserStore } from './user-store.ts';
import type { UserWriter } from './user-writer.ts';
import { undoEmailChange, updateUser } from './users.ts';
import { addressProven, type VerificationRules } from './verification.ts';

type LimitedComparison = (email: string, compare: () => Promise<boolean>) => Promise<boolean>;

export function createCredentials(parts: {
  store: UserStore;
  writer: UserWriter;
  passwords: Passwords;
  issuer: TokenIssuer;
  verifier: TokenVerifier;
  verification: VerificationRules;
}) {
  const { store, writer, passwords, issuer, verifier, verification } = parts;

  return {
    /** Ends all other sessions. A stolen session can guess no quicker here than at the login. */
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
      const isRight = await limited(user.email, () => passwords.verify(current, user.hashed_password, turn));
      if (!isRight) throw wrongPassword();
      if (current === wanted) throw samePassword();
      await mayChange();
      const hashed_password = await passwords.hash(wanted, turn);
      await writer.change(caller.userId, userGone, (read) => {
        // Another request has set a password meanwhile.
        if (read.hashed_password !== user.hashed_password) throw wrongPassword();
        return updateUser(read, { hashed_password }, context, { by: 'owner', except: caller.sessionId });
      });
    },

    /** The token is used up, and all sessions end. */
    async resetPassword(
      token: string,
      newPassword: string,
      context: EventContext,
      turn: HashTurn,
    ): Promise<User> {
      const link = await verifier.verify(token, 'link');
      if (!link) throw invalidLink();
      const refuseUnfit = (user: User): void => {
        if (!issuer.isFresh(link.fpr, user)) throw invalidLink();
        if (!user.is_active) throw userInactive();
      };
      const user = await store.findById(link.sub);
      if (!user) throw invalidLink();
      refuseUnfit(user);
      const hashed_password = await passwords.hash(newPassword, turn);
      return writer.change(link.sub, invalidLink, (read) => {
        refuseUnfit(read);
        const change = updateUser(read, { hashed_password }, context, { by: 'link', except: null });
        return addressProven(read, change, verification, context);
      });
    },

    /** The link may be used again: nothing but the address ends it. */
    async verifyEmail(token: string, context: EventContext): Promise<User> {
      const link = await verifier.verify(token, 'verification');
      if (!link) throw invalidLink();
      return writer.change(link.sub, invalidLink, (read) => {
        if (read.email_version !== link.ver) throw invalidLink();
        return addressProven(read, undefined, verification, context);
      });
    },

    /** All sessions end. @throws {EmailTaken} when another user has the former address */
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
      return writer.change(link.sub, invalidLink, (read) =>
        undoEmailChange(read, grantIn(read), hashed_password, context, verification),
      );
    },
  };
}
