import { noteOperation } from '@quartet/common/http/request-context.ts';
import type { Route } from '@quartet/common/http/routes/route.ts';
import { JWKS_PATH } from '@quartet/common/tokens/jwks.ts';
import type { RequestHandler } from 'express';
import type { Background } from './background.ts';
import type { Limits } from './limits/limits.ts';
import type { RecoveryRequests } from './links/recovery-requests.ts';
import type { Passwords } from './passwords.ts';
import { loginRoutes } from './routes/login.ts';
import { meRoutes } from './routes/me.ts';
import { recoveryRoutes } from './routes/recovery.ts';
import { signupRoutes } from './routes/signup.ts';
import { undoEmailChangeRoute } from './routes/undo-email-change.ts';
import { userRoutes } from './routes/users.ts';
import type { SigningKey } from './tokens/signing-keys.ts';
import type { TokenIssuer } from './tokens/token-issuer.ts';
import type { Accounts } from './users/accounts.ts';
import type { UserStore } from './users/user-store.ts';

type Parts = {
  store: UserStore;
  accounts: Accounts;
  passwords: Passwords;
  issuer: TokenIssuer;
  limits: Limits;
  recoveryRequests: RecoveryRequests;
  background: Background;
};

export const authTags = [
  { name: 'login', description: 'Access tokens and password recovery.' },
  { name: 'users', description: 'Sign-up, the own user, and the administration of all users.' },
  { name: 'private', description: 'For tests; with `ENVIRONMENT=local` only.' },
];

export function authRoutes(parts: Parts, options: { private: boolean }): Route[] {
  return [
    ...loginRoutes(parts),
    ...recoveryRoutes(parts),
    ...signupRoutes(parts, options),
    ...meRoutes(parts),
    undoEmailChangeRoute(parts),
    ...userRoutes(parts),
  ];
}

export function serveKeys(keys: SigningKey[]): [path: string, handler: RequestHandler] {
  const jwks = { keys: keys.map(({ jwk }) => jwk) };
  const handler: RequestHandler = (_req, res) => {
    noteOperation(res, 'jwks', 'GET', JWKS_PATH);
    res.json(jwks);
  };
  return [JWKS_PATH, handler];
}
