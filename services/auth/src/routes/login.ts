import { message } from '@quartet/common/http/answers.ts';
import { normalizeEmail } from '@quartet/common/http/email-address.ts';
import { type Route, route } from '@quartet/common/http/route.ts';
import { userInactive } from '@quartet/common/tokens/access.ts';
import type { Accounts } from '../accounts.ts';
import type { Passwords } from '../passwords.ts';
import { wrongCredentials } from '../refusals.ts';
import { loginForm, token, toUserPublic, userPublic } from '../schemas.ts';
import type { Minter } from '../tokens.ts';
import type { UserStore } from '../user-store.ts';
import { contextOf, ownUser } from './answers.ts';

const loggedOut = { message: 'Logged out' };

export function loginRoutes(parts: {
  store: UserStore;
  accounts: Accounts;
  passwords: Passwords;
  minter: Minter;
}): Route[] {
  const { store, accounts, passwords, minter } = parts;
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
      refusals: [wrongCredentials, userInactive],
      async handler({ body }) {
        const user = await store.findByEmail(normalizeEmail(body.username));
        // An unknown address costs the same time as a wrong password.
        const fits = user
          ? await passwords.verify(body.password, user.hashed_password)
          : await passwords.verifyNothing(body.password);
        if (!user || !fits) throw wrongCredentials();
        if (!user.is_active) throw userInactive();
        return { access_token: minter.accessToken(user), token_type: 'bearer' };
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
