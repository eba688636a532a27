import { generateKeyPairSync } from 'node:crypto';
import { requestLink } from '@quartet/common/events/user-request.ts';
import jwt from 'jsonwebtoken';
import { deriveSigningKey } from '../../services/auth/src/tokens/signing-keys.ts';
import type { Testbed } from './testbed.ts';

const MINUTE_SECONDS = 60;

export const noTokens: { name: string; headers: Record<string, string> }[] = [
  { name: 'no header', headers: {} },
  { name: 'Basic', headers: { authorization: 'Basic dXNlcjpwYXNzd29yZA==' } },
  { name: 'Bearer alone', headers: { authorization: 'Bearer' } },
  { name: 'Bearer and a space', headers: { authorization: 'Bearer ' } },
  { name: 'a token without its scheme', headers: { authorization: 'eyJhbGciOiJFUzI1NiJ9.e30.AA' } },
];

type Claims = Record<string, unknown>;

/** Signs claims as auth does, except for the given changes. */
export function forge(bed: Testbed, claims: Claims, options: jwt.SignOptions = {}): string {
  const { privateKey, jwk } = deriveSigningKey(String(bed.env.SECRET_KEY));
  const now = Math.floor(Date.now() / 1000);
  // A bucket of revocations rejects tokens from before the second after its creation.
  const all = { iss: 'quartet', aud: 'quartet:access', iat: now + 1, exp: now + MINUTE_SECONDS, ...claims };
  // JSON removes undefined claims.
  return jwt.sign(JSON.parse(JSON.stringify(all)) as Claims, privateKey, {
    algorithm: 'ES256',
    keyid: jwk.kid,
    ...options,
  });
}

export const accessOf = (userId: string): Claims => ({
  sub: userId,
  sid: 'session',
  ver: 0,
  superuser: false,
});

/** A superuser sends this request to see the recovery e-mail of an address. */
export const shownLink = (bed: Testbed, email: string) => {
  const superuser = forge(bed, { ...accessOf('f'.repeat(24)), superuser: true });
  return { by: 'superuser', authorization: `Bearer ${superuser}`, email } as const;
};

/** Everybody must refuse these tokens; the keys say why. */
export async function forgedTokens(
  bed: Testbed,
  user: { id: string; email: string; token: string },
): Promise<[fault: string, token: string][]> {
  const { jwk, publicKey } = deriveSigningKey(String(bed.env.SECRET_KEY));
  const other = deriveSigningKey('another secret key');
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const good = accessOf(user.id);
  const alg = 'ES256';
  const unencoded = { alg, b64: false };
  const [header, payload, signature] = user.token.split('.');
  const promoted = Buffer.from(JSON.stringify({ ...good, superuser: true })).toString('base64url');
  const claims = { ...good, iss: 'quartet', aud: 'quartet:access' };
  const link = await requestLink(bed.broker, shownLink(bed, user.email));
  if (!link.found) throw new Error('auth made no link');
  const ago = Math.floor(Date.now() / 1000) - MINUTE_SECONDS;
  return [
    ['is one word', 'abc'],
    ['is two words', 'abc def'],
    ['has three empty parts', '..'],
    ['has three parts of nonsense', 'a.b.c'],
    ['has no signature', `${header}.${payload}.`],
    ['has other claims than were signed', `${header}.${promoted}.${signature}`],
    ['is expired', forge(bed, { ...good, iat: ago - 1, exp: ago })],
    ['has no end', forge(bed, { ...good, exp: undefined })],
    ['is of another issuer', forge(bed, { ...good, iss: 'somebody' })],
    ['is for another purpose', forge(bed, { ...good, aud: 'quartet:link' })],
    ['names no session', forge(bed, { ...good, sid: undefined })],
    ['names a user whose id is none', forge(bed, { ...good, sub: 'nobody' })],
    ['names a session whose id is none', forge(bed, { ...good, sid: 'a.b > *' })],
    ['has a critical extension', forge(bed, good, { header: { alg, crit: ['x'] } })],
    ['says that its payload is not encoded', forge(bed, good, { header: unencoded })],
    ['brings its own place of keys', forge(bed, good, { header: { alg, jku: 'http://127.0.0.1:1/' } })],
    ['names no key', forge(bed, good, { keyid: '' })],
    [
      'is of another key',
      jwt.sign(claims, other.privateKey, { algorithm: 'ES256', keyid: other.jwk.kid, expiresIn: 60 }),
    ],
    [
      'is of another key under our name',
      jwt.sign(claims, other.privateKey, { algorithm: 'ES256', keyid: jwk.kid, expiresIn: 60 }),
    ],
    [
      'is of another kind of key',
      jwt.sign(claims, rsa, { algorithm: 'RS256', keyid: jwk.kid, expiresIn: 60 }),
    ],
    [
      'is signed with the public key as a shared secret',
      jwt.sign(claims, publicKey.export({ type: 'spki', format: 'der' }), {
        algorithm: 'HS256',
        keyid: jwk.kid,
        expiresIn: 60,
      }),
    ],
    ['is not signed', jwt.sign(claims, '', { algorithm: 'none', keyid: jwk.kid, expiresIn: 60 })],
    ["is a reset link's", link.token],
  ];
}
