import { tooManyRequests } from '@quartet/common/errors.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import { userInactive } from '@quartet/common/tokens/access.ts';
import type { Limits } from '../limits/limits.ts';
import type { HashTurn, Passwords } from '../passwords.ts';
import { wrongCredentials } from '../refusals.ts';
import { loginForm, token, toUserPublic, userPublic } from '../schemas.ts';
import type { TokenIssuer } from '../tokens/token-issuer.ts';
import type { Accounts } from '../users/accounts.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import { contextOf, ownUser, turnOf } from './request-helpers.ts';

const loggedOut = { message: 'Logged out' };

export function loginRoutes(parts: {
  store: UserStore;
  accounts: Accounts;
  passwords: Passwords;
  issuer: TokenIssuer;
  limits: Limits;
}): Route[] {
  const { store, accounts, passwords, issuer, limits } = parts;

  /** A wrong password and an unknown address take the same time. */
  async function findByPassword(email: string, password: string, turn: HashTurn): Promise<User | undefined> {
    const user = await store.findByEmail(email);
    const fits = user
      ? await passwords.verify(password, user.hashed_password, turn)
      : await passwords.verifyNothing(password, turn);
    return user && fits ? user : undefined;
  }

  return [
    route({
      method: 'POST',
      path: '/login/access-token',
      access: 'anyone',
      operationId: 'login-login_access_token',
      summary: 'Log in',
      description:
        'Takes the OAuth2 password form and returns an access token for later requests. Any `grant_type` but `password` is refused; scope and client are taken and not used.',
      form: true,
      body: loginForm,
      answer: { schema: token },
      refusals: [wrongCredentials, userInactive, tooManyRequests],
      async handler(request) {
        const { address, gone, body } = request;
        const { username: email, password } = body;
        const onGuessing = (failures: number) => accounts.reportGuessing(email, failures, contextOf(request));
        const user = await limits.login({ email, address, gone, onGuessing }, () =>
          findByPassword(email, password, turnOf(request, normalizeEmail(email))),
        );
        if (!user) throw wrongCredentials();
        if (!user.is_active) throw userInactive();
        return { access_token: issuer.accessToken(user), token_type: 'bearer' };
      },
    }),
    route({
      method: 'POST',
      path: '/logout',
      access: 'user',
      operationId: 'login-logout',
      summary: 'Log out',
      description:
        "This session's token is dead at once, at every service and on every replica; the user's other sessions live on.",
      answer: { schema: message, example: loggedOut },
      async handler(request) {
        const { caller } = request;
        await accounts.logOut(caller.userId, caller, contextOf(request));
        return loggedOut;
      },
    }),
    route({
      method: 'POST',
      path: '/login/test-token',
      access: 'user',
      operationId: 'login-test_token',
      summary: 'Show whose access token this is',
      description: "The caller's user as it is now, not as it was when the token was made.",
      answer: { schema: userPublic },
      async handler({ caller }) {
        return toUserPublic(await ownUser(store, caller));
      },
    }),
  ];
}
