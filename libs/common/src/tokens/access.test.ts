import { describe, expect, test } from 'vitest';
import { bearerToken, createAuthorize } from './access.ts';
import { createRevocationMap, type Revocation } from './revocations.ts';
import type { AccessClaims, TokenVerifier } from './verifier.ts';

const claims: AccessClaims = { sub: 'u1', sid: 's1', ver: 2, superuser: false, iat: 0, exp: 1 };
/** Seconds since the epoch. */
const NEVER = 4_000_000_000;
const entry = (more: Partial<Revocation>): Revocation => ({
  revision: 1,
  version: 2,
  sparedSession: null,
  isActive: true,
  isSuperuser: false,
  deleted: false,
  ...more,
});

/** Asks for `access` with a good token of `claims`, or another header. */
async function ask(
  access: 'anyone' | 'user' | 'superuser',
  revoked?: Partial<Revocation>,
  header = 'Bearer good',
  own = claims,
) {
  const map = createRevocationMap();
  if (revoked) map.apply('u1', entry(revoked), NEVER);
  async function verify(token: string) {
    return token === 'good' ? { ...own, fpr: '', grant: '' } : undefined;
  }
  const verifier: TokenVerifier = { cached: () => undefined, verify };
  return createAuthorize(verifier, map)(access, header).catch(
    (err: { fault: string; detail: string }) => `${err.fault}: ${err.detail}`,
  );
}

const INVALID = 'forbidden: Could not validate credentials';
const caller = {
  ...{ userId: 'u1', sessionId: 's1', isSuperuser: false, tokenVersion: 2 },
  ...{ issuedAt: 0, expiresAt: 1 },
};

describe('access to a route', () => {
  test.each([
    ['anyone', undefined, undefined],
    ['user', undefined, caller],
    ['superuser', undefined, "forbidden: The user doesn't have enough privileges"],
    ['user', { version: 3 }, INVALID],
    ['user', { version: 3, sparedSession: 's2' }, INVALID],
    ['user', { version: 3, sparedSession: 's1' }, caller],
    ['user', { deleted: true, isActive: false }, 'not-found: User not found'],
    ['user', { isActive: false }, 'bad-request: Inactive user'],
    ['superuser', { isActive: false }, 'bad-request: Inactive user'],
    ['superuser', { version: 3, deleted: true, isActive: false }, INVALID],
    ['superuser', { isSuperuser: true }, { ...caller, isSuperuser: true }],
    ['user', { version: 1 }, caller],
  ] as const)('given a route for %s and the revocation %j, then %j', async (access, revoked, answer) => {
    expect(await ask(access, revoked)).toEqual(answer);
  });

  test('given a superuser’s token, then its role is valid until it is revoked', async () => {
    const own = { ...claims, superuser: true };
    expect(await ask('superuser', undefined, undefined, own)).toMatchObject({ isSuperuser: true });
    expect(await ask('superuser', {}, undefined, own)).toMatch('enough privileges');
  });

  test.each(['', 'Bearer', 'Bearer ', 'Basic good', 'good', 'Bearergood'])(
    'given the header %j, then the answer is 401',
    async (header) => {
      expect(await ask('user', { deleted: true }, header)).toBe('not-authenticated: Not authenticated');
      expect(await ask('anyone', { deleted: true }, header)).toBeUndefined();
    },
  );

  test.each(['Bearer bad', 'Bearer good x', 'bearer BAD'])(
    'given the header %j, then the token is refused',
    async (header) => {
      expect(await ask('superuser', undefined, header)).toBe(INVALID);
    },
  );

  test.each(['bearer good', 'BEARER  good ', 'Bearer good'])(
    'given the header %j, then it is accepted',
    (header) => {
      expect(bearerToken(header)).toBe('good');
    },
  );
});

describe('revocations', () => {
  test('given entries in any order, then the newest is valid', () => {
    const entries = [3, 1, 5, 2, 4].map((revision) => entry({ revision, version: revision }));
    for (let turn = 0; turn < entries.length; turn += 1) {
      const map = createRevocationMap();
      for (const one of [...entries.slice(turn), ...entries.slice(0, turn)]) map.apply('u', one, NEVER);
      expect(map.get('u')?.version).toBe(5);
    }
  });

  test('given a user to forget, then only that user is forgotten', () => {
    const map = createRevocationMap();
    map.apply('a', entry({}), NEVER);
    map.apply('b', entry({}), NEVER);
    map.forget('a');
    expect([map.get('a'), map.get('b')]).toEqual([undefined, { ...entry({}), until: NEVER }]);
  });
});

describe('other reasons to refuse a token', () => {
  const verifier: TokenVerifier = { cached: () => claims, verify: async () => undefined };
  const check = (map = createRevocationMap()) =>
    createAuthorize(verifier, map)('user', 'Bearer good').catch((err: { detail: string }) => err.detail);

  test('given that its session was logged out, then it is refused, whatever its user’s entry says', async () => {
    const map = createRevocationMap();
    map.endSession('s2', NEVER);
    expect(await check(map)).toEqual(caller);
    map.endSession('s1', NEVER);
    map.apply('u1', entry({ version: 3, sparedSession: 's1', deleted: true }), NEVER);
    expect(await check(map)).toBe('Could not validate credentials');
  });

  test('given a token older than the known revocations, then it is refused', async () => {
    const map = createRevocationMap();
    map.begin(claims.iat);
    expect(await check(map)).toEqual(caller);
    map.begin(claims.iat + 1);
    expect(await check(map)).toBe('Could not validate credentials');
  });
});
