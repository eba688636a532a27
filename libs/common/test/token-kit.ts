import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { beforeEach } from 'vitest';
import { audienceOf, createVerifier, ISSUER } from '../src/tokens/verifier.ts';

/** Makes a key pair of the kind that auth uses. */
export const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
/** The keys of auth. */
export const own = pair();
export const foreign = pair();
export const NOW = 1_800_000_000_000;
export const SUB = '65f1c0ffee15600d5eed0001';
export const claims = {
  sub: SUB,
  sid: 's1',
  ver: 3,
  superuser: false,
  iat: NOW / 1000,
  exp: NOW / 1000 + 60,
};
/** `asked` lists the key ids that were looked up. */
export const world: { asked: string[]; now: number; isPublished: boolean } = {
  asked: [],
  now: NOW,
  isPublished: true,
};

export const keys = {
  has: (kid: string) => world.isPublished && kid === 'k1',
  async find(kid: string): Promise<KeyObject | undefined> {
    world.asked.push(kid);
    return keys.has(kid) ? own.publicKey : undefined;
  },
};

/** Resets the world before each test. */
export function useWorld(): void {
  beforeEach(() => {
    Object.assign(world, { asked: [], isPublished: true, now: NOW });
  });
}

/** Signs claims as auth does, with the changes in `more`. */
export function sign(
  more: object = {},
  options: jwt.SignOptions = {},
  key: jwt.Secret = own.privateKey,
): string {
  const audience = audienceOf('access');
  return jwt.sign(JSON.parse(JSON.stringify({ ...claims, ...more })), key, {
    algorithm: 'ES256',
    keyid: 'k1',
    issuer: ISSUER,
    audience,
    ...options,
  });
}

export const base64 = (value: object) => base64Text(JSON.stringify(value));
export const base64Text = (text: string) => Buffer.from(text).toString('base64url');

/** Signs text that auth never writes with auth's own key. */
export function signText(header: string, payload: string): string {
  const signed = `${base64Text(header)}.${base64Text(payload)}`;
  const signature = createSign('SHA256')
    .update(signed)
    .sign({ key: own.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
export const HEADER = JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: 'k1' });
export const PAYLOAD = JSON.stringify({ ...claims, iss: ISSUER, aud: audienceOf('access') });
export const verify = (token: string) => createVerifier(keys, () => world.now).verify(token, 'access');
