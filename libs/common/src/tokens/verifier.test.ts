import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { beforeEach, describe, expect, test } from 'vitest';
import { audienceOf, createVerifier, ISSUER } from './verifier.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const own = pair();
const foreign = pair();
const NOW = 1_800_000_000_000;
const SUB = '65f1c0ffee15600d5eed0001';
const claims = { sub: SUB, sid: 's1', ver: 3, superuser: false, iat: NOW / 1000, exp: NOW / 1000 + 60 };
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

const base64 = (value: object) => base64Text(JSON.stringify(value));
const base64Text = (text: string) => Buffer.from(text).toString('base64url');

/** Signs with auth's own key what auth never writes; header and payload are given as text. */
function signText(header: string, payload: string): string {
  const signed = `${base64Text(header)}.${base64Text(payload)}`;
  const signature = createSign('SHA256')
    .update(signed)
    .sign({ key: own.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
const HEADER = JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: 'k1' });
const PAYLOAD = JSON.stringify({ ...claims, iss: ISSUER, aud: audienceOf('access') });
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

describe('a token that auth itself has signed', () => {
  test('given it as auth writes it, then its claims', async () => {
    expect(await verify(signText(HEADER, PAYLOAD))).toEqual(claims);
  });

  const inHeader = (more: object) => signText(JSON.stringify({ ...JSON.parse(HEADER), ...more }), PAYLOAD);
  const twice = (text: string, member: string) => `{${member},${text.slice(1)}`;

  // RFC 7515, 4.1.11: what is critical and not understood must be refused; RFC 7797 has the payload read otherwise.
  test.each([
    ['a critical extension', inHeader({ crit: ['exp'], exp: 1 })],
    ['a critical extension that is not there', inHeader({ crit: ['http://example.com/x'] })],
    ['no critical extension at all', inHeader({ crit: [] })],
    ['an unencoded payload', inHeader({ b64: false, crit: ['b64'] })],
    ['b64 that says nothing', inHeader({ b64: true })],
    ['b64 that is not critical', inHeader({ b64: false })],
    ['a place of keys', inHeader({ jku: 'http://127.0.0.1:1/' })],
    ['a place of certificates', inHeader({ x5u: 'http://127.0.0.1:1/' })],
    ['a key', inHeader({ jwk: own.publicKey.export({ format: 'jwk' }) })],
    ['certificates', inHeader({ x5c: [] })],
    ['compression', inHeader({ zip: 'DEF' })],
    ['another type', inHeader({ typ: 'dpop+jwt' })],
    ['a nested token’s type', inHeader({ cty: 'JWT' })],
    ['its algorithm in lower case', inHeader({ alg: 'es256' })],
    ['its algorithm in mixed case', inHeader({ alg: 'Es256' })],
    ['a kid twice', signText(twice(HEADER, '"kid":"k2"'), PAYLOAD)],
    ['an algorithm twice', signText(twice(HEADER, '"alg":"none"'), PAYLOAD)],
    ['a subject twice', signText(HEADER, twice(PAYLOAD, '"sub":"65f1c0ffee15600d5eed0002"'))],
    ['blanks in its header', signText(HEADER.replace(':', ' : '), PAYLOAD)],
    ['a header that is a list', signText('["ES256"]', PAYLOAD)],
    ['a payload that is text', signText(HEADER, '"x"')],
    ['a payload that is no JSON', signText(HEADER, '{')],
  ])('given %s, then undefined', async (_name, token) => {
    expect(await verify(token)).toBeUndefined();
  });

  test.each([
    [
      'sub',
      ['u1', '', 'constructor', `${SUB}0`, SUB.toUpperCase(), `${SUB}\n`, 1, null, {}, [SUB], undefined],
    ],
    ['sid', ['', 'a b', 'a.b', '*', '>', 'a'.repeat(1_000), 1, null, {}, ['s1'], undefined]],
    ['ver', ['3', -1, 1.5, 1e300, null, true, [3], undefined]],
    ['superuser', ['false', 0, 1, null, [], undefined]],
    ['iat', [String(claims.iat), -1, 0.5, 1e300, null, undefined]],
    ['exp', [String(claims.exp), 1e300, claims.exp + 0.5, null, [claims.exp], undefined]],
    ['aud', [[audienceOf('access')], [audienceOf('link'), audienceOf('access')], null, undefined]],
    ['iss', [[ISSUER], null, undefined]],
  ])('given a %s of another form, then undefined', async (name, values) => {
    for (const value of values) {
      const token = signText(HEADER, JSON.stringify({ ...JSON.parse(PAYLOAD), [name]: value }));
      expect(await verify(token), JSON.stringify(value)).toBeUndefined();
    }
  });
});

describe('a link', () => {
  const both = { sub: SUB, fpr: 'f', grant: 'g', iat: NOW / 1000, exp: NOW / 1000 + 60 };
  const link = (purpose: 'link' | 'undo' = 'link', more: object = {}) =>
    signText(HEADER, JSON.stringify({ ...both, iss: ISSUER, aud: audienceOf(purpose), ...more }));

  test.each([{ exp: undefined }, { iat: undefined }, { sub: 'u1' }, { fpr: 1, grant: 1 }])(
    'given a link with %j, then it is none',
    async (more) => {
      const verifier = createVerifier(keys, () => now);
      expect(await verifier.verify(link('link', more), 'link')).toBeUndefined();
      expect(await verifier.verify(link('undo', more), 'undo')).toBeUndefined();
    },
  );

  test('given a link token, then it is one, is no access token, and is not remembered', async () => {
    const verifier = createVerifier(keys, () => now);
    const token = link();
    expect(await verifier.verify(token, 'link')).toMatchObject({ sub: SUB, fpr: 'f' });
    expect(await verifier.verify(token, 'access')).toBeUndefined();
    expect(verifier.cached(token)).toBeUndefined();
  });

  test('given a link of one purpose, then it is none of the other', async () => {
    const verifier = createVerifier(keys, () => now);
    expect(await verifier.verify(link('undo'), 'undo')).toMatchObject({ sub: SUB, grant: 'g' });
    expect(await verifier.verify(link('undo'), 'link')).toBeUndefined();
    expect(await verifier.verify(link('link'), 'undo')).toBeUndefined();
    expect(await verifier.verify(link('undo'), 'access')).toBeUndefined();
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
