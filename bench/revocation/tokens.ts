import { randomUUID } from 'node:crypto';
import { createVerifier } from '@quartet/common/tokens/verifier.ts';
import { ObjectId } from 'mongodb';
import { deriveSigningKey, ownKeys } from '../../services/auth/src/tokens/signing-keys.ts';
import { createTokenIssuer } from '../../services/auth/src/tokens/token-issuer.ts';
import type { User } from '../../services/auth/src/users/user.ts';
import { createUser } from '../../services/auth/src/users/users.ts';
import { TOKEN_LIFE_SECONDS } from './entries.ts';

export function makeTokens(count: number) {
  const key = deriveSigningKey('a secret key for a benchmark');
  const life = { linkSeconds: 1 };
  const issuer = createTokenIssuer(
    [key],
    life,
    () => true,
    () => 0,
  );
  const users = Array.from({ length: count }, (_, n): User => {
    const roles = { is_active: true, is_superuser: false };
    const fields = { ...roles, email: `user-${n}@example.com`, full_name: null, hashed_password: '' };
    return createUser(new ObjectId(), fields, 'signup', { now: new Date() });
  });
  const headers = users.map(
    (user) => `Bearer ${issuer.accessToken(user, randomUUID(), TOKEN_LIFE_SECONDS).token}`,
  );
  return { users, headers, verifier: createVerifier(ownKeys([key])) };
}
