import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  base64,
  claims,
  foreign,
  HEADER,
  keys,
  NOW,
  own,
  PAYLOAD,
  SUB,
  sign,
  signText,
  useWorld,
  verify,
  world,
} from '../../test/token-kit.ts';
import { audienceOf, createVerifier, ISSUER } from './verifier.ts';

useWorld();

test('given a token of auth, then its claims are returned', async () => {
  expect(await verify(sign())).toEqual(claims);
});

describe('an invalid token', () => {
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
  ])('given %s, then the result is undefined and nothing is remembered', async (_name, token) => {
    const verifier = createVerifier(keys, () => world.now);
    expect(await verifier.verify(token, 'access')).toBeUndefined();
    expect(verifier.cached(token)).toBeUndefined();
  });
});

describe('a token that auth itself has signed', () => {
  test('given a token as auth writes it, then its claims are returned', async () => {
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
  ])('given %s, then the result is undefined', async (_name, token) => {
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
  ])('given a %s of another form, then the result is undefined', async (name, values) => {
    for (const value of values) {
      const token = signText(HEADER, JSON.stringify({ ...JSON.parse(PAYLOAD), [name]: value }));
      expect(await verify(token), JSON.stringify(value)).toBeUndefined();
    }
  });
});
