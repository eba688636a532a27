import { tooManyRequests } from '@quartet/common/errors.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { Reply, type Route, route } from '@quartet/common/http/routes/route.ts';
import { userInactive } from '@quartet/common/tokens/access.ts';
import type * as z from 'zod';
import type { Limits } from '../limits/limits.ts';
import { emailNotVerified, invalidRefreshToken, wrongCredentials } from '../refusals.ts';
import { isRefresh, loginForm } from '../schemas.ts';
import { clearedCookie } from '../sessions/refresh-cookie.ts';
import type { Opened, Sessions } from '../sessions/sessions.ts';
import type { Accounts } from '../users/accounts.ts';
import type { UserStore } from '../users/user-store.ts';
import type { CheckLogin } from './log-in.ts';
import { answerOf, contextOf, deviceOf, ownUser, userAnswer } from './request-helpers.ts';
import { token } from './session-schemas.ts';

const loggedOut = { message: 'Logged out' };

export function loginRoutes(parts: {
  store: UserStore;
  accounts: Accounts;
  sessions: Sessions;
  limits: Limits;
  checkLogin: CheckLogin;
}): Route[] {
  const { store, accounts, sessions, limits, checkLogin } = parts;

  return [
    route({
      method: 'POST',
      path: '/login/access-token',
      access: 'anyone',
      operationId: 'login-login_access_token',
      summary: 'Log in, or refresh the tokens',
      description:
        'Takes the OAuth2 password form and returns an access token for later requests. With `offline_access` in `scope` it is a short one, and a refresh token comes with it. With `grant_type=refresh_token` only `refresh_token` is needed, and both tokens are new. Any other `grant_type` is refused; the client is taken and not used.',
      form: true,
      body: loginForm,
      answer: { schema: token },
      refusals: [wrongCredentials, userInactive, emailNotVerified, invalidRefreshToken, tooManyRequests],
      async handler(request) {
        const { address, body } = request;
        const { username = '', password = '', scope, refresh_token = '' } = body;
        if (isRefresh(body)) {
          const known = sessions.read(refresh_token);
          await limits.refresh(known?.sessionId, address);
          if (!known) throw invalidRefreshToken();
          return toToken(await sessions.refresh(known, deviceOf(request), contextOf(request)));
        }
        const user = await checkLogin(request, username, password);
        const isRefreshable = scope.split(' ').includes('offline_access');
        return toToken(await sessions.open(user, isRefreshable, deviceOf(request), new Date()));
      },
    }),
    route({
      method: 'POST',
      path: '/logout',
      access: 'user',
      operationId: 'login-logout',
      summary: 'Log out',
      description:
        "This session's tokens are dead at once, at every service and on every replica, and a browser's refresh token is removed; the user's other sessions live on.",
      answer: {
        schema: message,
        example: loggedOut,
        headers: { 'Set-Cookie': 'Removes the refresh token of a browser' },
      },
      async handler(request) {
        const { caller, ownOrigin } = request;
        const context = contextOf(request);
        const isEnded = await sessions.logOut(caller.userId, caller.sessionId, context);
        if (!isEnded) await accounts.logOut(caller.userId, caller, context);
        return new Reply(loggedOut, { 'Set-Cookie': clearedCookie(ownOrigin) });
      },
    }),
    route({
      method: 'POST',
      path: '/login/test-token',
      access: 'user',
      operationId: 'login-test_token',
      summary: 'Show whose access token this is',
      description: "The caller's user as it is now, not as it was when the token was made.",
      answer: userAnswer,
      async handler({ caller }) {
        return answerOf(await ownUser(store, caller));
      },
    }),
  ];
}

function toToken({ accessToken, lifeSeconds, refreshToken }: Opened): z.output<typeof token> {
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: lifeSeconds,
    ...(refreshToken ? { refresh_token: refreshToken.text } : {}),
  };
}
