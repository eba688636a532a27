import { badRequest } from '@quartet/common/errors.ts';
import { normalizeEmail } from '@quartet/common/http/email-address.ts';
import { type Route, route } from '@quartet/common/http/route.ts';
import { userInactive } from '@quartet/common/tokens/access.ts';
import type { Passwords } from '../passwords.ts';
import { loginForm, token, toUserPublic, userPublic } from '../schemas.ts';
import type { Minter } from '../tokens.ts';
import type { UserStore } from '../user-store.ts';
import { ownUser } from './answers.ts';

export function loginRoutes(parts: { store: UserStore; passwords: Passwords; minter: Minter }): Route[] {
  const { store, passwords, minter } = parts;
  return [
    route({
      method: 'POST',
      path: '/login/access-token',
      access: 'anyone',
      operationId: 'login-login_access_token',
      summary: 'Get an access token for later requests (OAuth2 password form)',
      form: true,
      body: loginForm,
      answer: { schema: token },
      async handler({ body }) {
        const user = await store.findByEmail(normalizeEmail(body.username));
        // An unknown address costs the same time as a wrong password.
        const fits = user
          ? await passwords.verify(body.password, user.hashed_password)
          : await passwords.verifyNothing(body.password);
        if (!user || !fits) throw badRequest('Incorrect email or password');
        if (!user.is_active) throw userInactive();
        return { access_token: minter.accessToken(user), token_type: 'bearer' };
      },
    }),
    route({
      method: 'POST',
      path: '/login/test-token',
      access: 'user',
      operationId: 'login-test_token',
      summary: 'Show whose access token this is',
      answer: { schema: userPublic },
      async handler({ caller }) {
        return toUserPublic(await ownUser(store, caller));
      },
    }),
  ];
}
