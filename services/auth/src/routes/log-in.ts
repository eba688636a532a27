import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import { userInactive } from '@quartet/common/tokens/access.ts';
import type { Limits } from '../limits/limits.ts';
import type { HashTurn, Passwords } from '../passwords.ts';
import { emailNotVerified, wrongCredentials } from '../refusals.ts';
import type { Accounts } from '../users/accounts.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { VerificationRules } from '../users/verification.ts';
import { isVerified } from '../users/verified.ts';
import { contextOf, turnOf } from './request-helpers.ts';

type LoginRequest = Parameters<typeof turnOf>[0] & Parameters<typeof contextOf>[0];

export type CheckLogin = (request: LoginRequest, email: string, password: string) => Promise<User>;

/** Checks a password within the limits. The function throws 400 for wrong credentials, an inactive user or an address that must be verified. */
export function createLoginCheck(parts: {
  store: UserStore;
  accounts: Accounts;
  passwords: Passwords;
  limits: Limits;
  verification: VerificationRules;
}): CheckLogin {
  const { store, accounts, passwords, limits, verification } = parts;

  /** A wrong password and an unknown address take the same time. */
  async function findByPassword(email: string, password: string, turn: HashTurn): Promise<User | undefined> {
    const user = await store.findByEmail(email);
    const fits = user
      ? await passwords.verify(password, user.hashed_password, turn)
      : await passwords.verifyNothing(password, turn);
    return user && fits ? user : undefined;
  }

  return async (request, email, password) => {
    const { address, gone } = request;
    const onGuessing = (failures: number) => accounts.reportGuessing(email, failures, contextOf(request));
    const user = await limits.login({ email, address, gone, onGuessing }, () =>
      findByPassword(email, password, turnOf(request, normalizeEmail(email))),
    );
    if (!user) throw wrongCredentials();
    if (!user.is_active) throw userInactive();
    if (verification.isRequired && !isVerified(user)) throw emailNotVerified();
    return user;
  };
}
