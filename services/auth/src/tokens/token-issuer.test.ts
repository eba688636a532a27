import { createVerifier } from '@quartet/common/tokens/verifier.ts';
import { describe, expect, test } from 'vitest';
import { newUser } from '../../test/users.ts';
import { deriveSigningKey, ownKeys } from './signing-keys.ts';
import { createTokenIssuer } from './token-issuer.ts';

const [previous, current] = ['the previous secret', 'the current secret'].map(deriveSigningKey) as [
  ReturnType<typeof deriveSigningKey>,
  ReturnType<typeof deriveSigningKey>,
];
const verifier = createVerifier(ownKeys([current, previous]));
const issuerOf = (isRolledOut = true, goodSince = 0) =>
  createTokenIssuer(
    [current, previous],
    { linkSeconds: 3_600 },
    () => isRolledOut,
    () => goodSince,
  );
const keyIdOf = (token: string): string => {
  const header: { kid: string } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
  return header.kid;
};
const issuer = issuerOf();
const access = (by = issuer, sessionId = 'a-session') => by.accessToken(user, sessionId, 60).token;
const user = newUser({ token_version: 3, is_superuser: true });
const now = () => Math.floor(Date.now() / 1_000);
const grant = { event_id: 'the event', at: new Date(), email: 'former@example.com' };

describe('an access token', () => {
  test('given a user, then it contains user, version, role and session', async () => {
    const { token, expiresAt } = issuer.accessToken(user, 'the-session', 60);
    const claims = await verifier.verify(token, 'access');
    expect(claims).toMatchObject({ sub: user._id.toHexString(), ver: 3, superuser: true });
    expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(60);
    expect(claims).toMatchObject({ sid: 'the-session', exp: expiresAt });
  });

  test('given revocations are known from a moment on, then no token is older', async () => {
    const since = now() + 2;
    expect((await verifier.verify(access(issuerOf(true, since)), 'access'))?.iat).toBe(since);
    expect((await verifier.verify(access(), 'access'))?.iat).toBeLessThan(since);
  });
});

test('given a key that not every process knows yet, then the previous one signs', () => {
  expect(keyIdOf(access(issuerOf(false)))).toBe(previous.jwk.kid);
  expect(keyIdOf(access(issuerOf(true)))).toBe(current.jwk.kid);
});

test('given a token for one purpose, then it is valid for no other', async () => {
  const tokens = {
    access: access(),
    link: issuer.linkToken(user, new Date()),
    undo: issuer.undoToken(user._id.toHexString(), grant),
  };
  const accepted = async (token: string) => ({
    access: (await verifier.verify(token, 'access')) !== undefined,
    link: (await verifier.verify(token, 'link')) !== undefined,
    undo: (await verifier.verify(token, 'undo')) !== undefined,
  });
  expect(await accepted(tokens.access)).toEqual({ access: true, link: false, undo: false });
  expect(await accepted(tokens.link)).toEqual({ access: false, link: true, undo: false });
  expect(await accepted(tokens.undo)).toEqual({ access: false, link: false, undo: true });
});

describe('a link', () => {
  const fingerprintOf = async (of = issuer, at = new Date()) =>
    (await verifier.verify(of.linkToken(user, at), 'link'))?.fpr ?? expect.fail('no link');

  test('given an unchanged user, then it is fresh, also after a new key', async () => {
    expect(issuer.isFresh(await fingerprintOf(), user)).toBe(true);
    expect(issuer.isFresh(await fingerprintOf(issuerOf(false)), user)).toBe(true);
  });

  test.each([
    ['another password', { hashed_password: 'another' }],
    ['another address', { email: 'b@example.com' }],
    ['an address that came back', { email_version: 2 }],
  ])('given %s, then it is not fresh', async (_what, different) => {
    expect(issuer.isFresh(await fingerprintOf(), { ...user, ...different })).toBe(false);
  });

  test('given changes of other kinds, then it stays fresh', async () => {
    const changed = { ...user, full_name: 'B', token_version: 9, revision: 9, is_superuser: false };
    expect(issuer.isFresh(await fingerprintOf(), changed)).toBe(true);
    expect(
      issuer.isFresh(await fingerprintOf(), {
        ...user,
        email: 'form@example.com',
        spelled_before: user.email,
      }),
    ).toBe(true);
  });

  test.each(['', 'x', 'A'.repeat(43)])('given the fingerprint %j, then it is not fresh', (fingerprint) => {
    expect(issuer.isFresh(fingerprint, user)).toBe(false);
  });

  test('given its start, then it expires after a link’s life; an undo link 72 hours after its change', async () => {
    const at = new Date((now() - 600) * 1_000);
    const link = await verifier.verify(issuer.linkToken(user, at), 'link');
    expect(link?.exp).toBe(now() - 600 + 3_600);
    const undo = await verifier.verify(issuer.undoToken(user._id.toHexString(), { ...grant, at }), 'undo');
    expect(undo).toMatchObject({ grant: 'the event', exp: Math.floor(at.getTime() / 1_000) + 72 * 3_600 });
    const old = issuer.linkToken(user, new Date((now() - 3_601) * 1_000));
    expect(await verifier.verify(old, 'link')).toBeUndefined();
  });
});
