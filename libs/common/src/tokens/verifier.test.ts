import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { beforeEach, describe, expect, test } from 'vitest';
import { audienceOf, createVerifier, ISSUER } from './verifier.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const own = pair();
const foreign = pair();
const NOW = 1_800_000_000_000;
const claims = { sub: 'u1', sid: 's1', ver: 3, superuser: false, iat: NOW / 1000, exp: NOW / 1000 + 60 };
let asked: string[] = [];
let now = NOW;

let published = true;
const keys = {
  has: (kid: string) => published && kid === 'k1',
  async find(kid: string): Promise<KeyObject | undefined> {
    asked.push(kid);
    return keys.has(kid) ? own.publicKey : undefined;
  },
};

beforeEach(() => {
  asked = [];
  published = true;
  now = NOW;
});

function sign(more: object = {}, options: jwt.SignOptions = {}, key: jwt.Secret = own.privateKey): string {
  const audience = audienceOf('access');
  return jwt.sign(JSON.parse(JSON.stringify({ ...claims, ...more })), key, {
    algorithm: 'ES256',
    keyid: 'k1',
    issuer: ISSUER,
    audience,
    ...options,
  });
}

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const verify = (token: string) => createVerifier(keys, () => now).verify(token, 'access');

test('given a token of auth, then its claims', async () => {
  expect(await verify(sign())).toEqual(claims);
});

describe('a token that is worth nothing', () => {
  const none = `${base64({ alg: 'none', kid: 'k1' })}.${base64({ ...claims, iss: ISSUER, aud: audienceOf('access') })}.`;
  const pem = own.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  // jsonwebtoken refuses to sign like this; an attacker does not.
  const confusedHead = `${base64({ alg: 'HS256', kid: 'k1', typ: 'JWT' })}.${sign().split('.')[1]}`;
  const confused = `${confusedHead}.${createHmac('sha256', pem).update(confusedHead).digest('base64url')}`;
  const [head, payload, signature] = sign().split('.');

  test.each([
    ['no token', 'x'],
    ['nothing', ''],
    ['alg none', none],
    ['HS256 with the public key as secret', confused],
    ['another key', sign({}, {}, foreign.privateKey)],
    ['another key id', sign({}, { keyid: 'k2' })],
    ['no signature', `${head}.${payload}.`],
    ['another payload', `${head}.${base64({ ...claims, superuser: true })}.${signature}`],
    ['another issuer', sign({}, { issuer: 'somebody' })],
    ['a link’s audience', sign({}, { audience: audienceOf('link') })],
    ['its time over', sign({ exp: NOW / 1000 })],
    ['no exp', sign({ exp: undefined })],
    ['a claim missing', sign({ sid: undefined })],
    ['a claim of another type', sign({ ver: '3' })],
    ['a kid that is no text', `${base64({ alg: 'ES256', kid: { a: 1 } })}.${payload}.${signature}`],
    ['100 kB of text', 'a'.repeat(100_000)],
    ['100 kB of dots', '.'.repeat(100_000)],
  ])('given %s, then undefined, and nothing is remembered', async (_name, token) => {
    const verifier = createVerifier(keys, () => now);
    expect(await verifier.verify(token, 'access')).toBeUndefined();
    expect(verifier.cached(token)).toBeUndefined();
  });
});

describe('a link', () => {
  const link = () =>
    jwt.sign({ sub: 'u1', fpr: 'f', iat: NOW / 1000, exp: NOW / 1000 + 60 }, own.privateKey, {
      algorithm: 'ES256',
      keyid: 'k1',
      issuer: ISSUER,
      audience: audienceOf('link'),
    });

  test('given a link token, then it is one, is no access token, and is not remembered', async () => {
    const verifier = createVerifier(keys, () => now);
    const token = link();
    expect(await verifier.verify(token, 'link')).toEqual({ sub: 'u1', fpr: 'f' });
    expect(await verifier.verify(token, 'access')).toBeUndefined();
    expect(verifier.cached(token)).toBeUndefined();
  });

  test('given an access token, then it is no link', async () => {
    expect(await createVerifier(keys, () => now).verify(sign({ fpr: 'f' }), 'link')).toBeUndefined();
  });
});

describe('what is remembered', () => {
  test('given a verified token, then it is known without a key until it expires', async () => {
    const verifier = createVerifier(keys, () => now);
    const token = sign();
    expect(verifier.cached(token)).toBeUndefined();
    await verifier.verify(token, 'access');
    now = NOW + 59_999;
    expect(verifier.cached(token)).toEqual(claims);
    now = NOW + 60_000;
    expect(verifier.cached(token)).toBeUndefined();
    now = NOW;
    expect(verifier.cached(token)).toBeUndefined();
    expect(asked).toEqual(['k1']);
  });

  test('given a key that is not published any more, then its tokens go with it', async () => {
    const verifier = createVerifier(keys, () => now);
    const token = sign();
    await verifier.verify(token, 'access');
    published = false;
    expect(verifier.cached(token)).toBeUndefined();
    expect(await verifier.verify(token, 'access')).toBeUndefined();
    published = true;
    expect(verifier.cached(token)).toBeUndefined();
  });

  test('given more tokens than are kept, then the oldest goes and the newest are there', {
    timeout: 60_000,
  }, async () => {
    const verifier = createVerifier(keys, () => now);
    const oldest = sign({ n: -1 });
    await verifier.verify(oldest, 'access');
    const second = sign({ n: -2 });
    await verifier.verify(second, 'access');
    for (let n = 0; n < 19_999; n += 1) await verifier.verify(sign({ n }), 'access');
    expect(verifier.cached(oldest)).toBeUndefined();
    expect(verifier.cached(second)).toEqual(claims);
  });
});
