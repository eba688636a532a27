import { noteOperation } from '@quartet/common/http/request-context.ts';
import type { Route } from '@quartet/common/http/routes/route.ts';
import { JWKS_PATH } from '@quartet/common/tokens/jwks.ts';
import type { RequestHandler } from 'express';
import type { Background } from './background.ts';
import type { Limits } from './limits/limits.ts';
import type { LinkRequests } from './links/link-requests.ts';
import type { Passwords } from './passwords.ts';
import { createLoginCheck } from './routes/log-in.ts';
import { loginRoutes } from './routes/login.ts';
import { meRoutes } from './routes/me.ts';
import { recoveryRoutes } from './routes/recovery.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signupRoutes } from './routes/signup.ts';
import { undoEmailChangeRoute } from './routes/undo-email-change.ts';
import { userRoutes } from './routes/users.ts';
import { verificationRoutes } from './routes/verification.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { SigningKey } from './tokens/signing-keys.ts';
import type { Accounts } from './users/accounts.ts';
import type { UserStore } from './users/user-store.ts';
import type { VerificationRules } from './users/verification.ts';

type Parts = {
  store: UserStore;
  accounts: Accounts;
  passwords: Passwords;
  sessions: Sessions;
  limits: Limits;
  recoveryRequests: LinkRequests;
  verificationRequests: LinkRequests;
  verification: VerificationRules;
  background: Background;
};

export const authTags = [
  { name: 'login', description: 'Access tokens and password recovery.' },
  { name: 'sessions', description: 'Where a user is logged in; refresh tokens of browsers.' },
  { name: 'users', description: 'Sign-up, the own user, and the administration of all users.' },
  { name: 'private', description: 'For tests; with `ENVIRONMENT=local` only.' },
];

export function authRoutes(
  parts: Parts,
  options: { private: boolean; corsOrigins: readonly string[] },
): Route[] {
  const checkLogin = createLoginCheck(parts);
  return [
    ...loginRoutes({ ...parts, checkLogin }),
    ...sessionRoutes({ ...parts, checkLogin, corsOrigins: options.corsOrigins }),
    ...recoveryRoutes(parts),
    ...signupRoutes(parts, options),
    ...meRoutes(parts),
    undoEmailChangeRoute(parts),
    ...verificationRoutes(parts),
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
