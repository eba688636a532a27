import { describe, expect, test } from 'vitest';
import { claims, HEADER, keys, NOW, SUB, sign, signText, useWorld, world } from '../../test/token-kit.ts';
import { audienceOf, createVerifier, ISSUER } from './verifier.ts';

useWorld();

describe('a link', () => {
  const both = { sub: SUB, fpr: 'f', grant: 'g', iat: NOW / 1000, exp: NOW / 1000 + 60 };
  const link = (purpose: 'link' | 'undo' = 'link', more: object = {}) =>
    signText(HEADER, JSON.stringify({ ...both, iss: ISSUER, aud: audienceOf(purpose), ...more }));

  test.each([{ exp: undefined }, { iat: undefined }, { sub: 'u1' }, { fpr: 1, grant: 1 }])(
    'given a link with %j, then it is refused',
    async (more) => {
      const verifier = createVerifier(keys, () => world.now);
      expect(await verifier.verify(link('link', more), 'link')).toBeUndefined();
      expect(await verifier.verify(link('undo', more), 'undo')).toBeUndefined();
    },
  );

  test('given a link token, then it is valid as a link only, and is not remembered', async () => {
    const verifier = createVerifier(keys, () => world.now);
    const token = link();
    expect(await verifier.verify(token, 'link')).toMatchObject({ sub: SUB, fpr: 'f' });
    expect(await verifier.verify(token, 'access')).toBeUndefined();
    expect(verifier.cached(token)).toBeUndefined();
  });

  test('given a link of one purpose, then it is invalid for the other', async () => {
    const verifier = createVerifier(keys, () => world.now);
    expect(await verifier.verify(link('undo'), 'undo')).toMatchObject({ sub: SUB, grant: 'g' });
    expect(await verifier.verify(link('undo'), 'link')).toBeUndefined();
    expect(await verifier.verify(link('link'), 'undo')).toBeUndefined();
    expect(await verifier.verify(link('undo'), 'access')).toBeUndefined();
  });

  test('given an access token, then it is invalid as a link', async () => {
    expect(await createVerifier(keys, () => world.now).verify(sign({ fpr: 'f' }), 'link')).toBeUndefined();
  });
});

describe('remembered tokens', () => {
  test('given a verified token, then it is known without a key until it expires', async () => {
    const verifier = createVerifier(keys, () => world.now);
    const token = sign();
    expect(verifier.cached(token)).toBeUndefined();
    await verifier.verify(token, 'access');
    world.now = NOW + 59_999;
    expect(verifier.cached(token)).toEqual(claims);
    world.now = NOW + 60_000;
    expect(verifier.cached(token)).toBeUndefined();
    world.now = NOW;
    expect(verifier.cached(token)).toBeUndefined();
    expect(world.asked).toEqual(['k1']);
  });

  test('given a withdrawn key, then its tokens are forgotten', async () => {
    const verifier = createVerifier(keys, () => world.now);
    const token = sign();
    await verifier.verify(token, 'access');
    world.isPublished = false;
    expect(verifier.cached(token)).toBeUndefined();
    expect(await verifier.verify(token, 'access')).toBeUndefined();
    world.isPublished = true;
    expect(verifier.cached(token)).toBeUndefined();
  });

  test('given more tokens than the cache holds, then the oldest is removed and the newest remain', {
    timeout: 60_000,
  }, async () => {
    const verifier = createVerifier(keys, () => world.now);
    const oldest = sign({ n: -1 });
    await verifier.verify(oldest, 'access');
    const second = sign({ n: -2 });
    await verifier.verify(second, 'access');
    for (let n = 0; n < 19_999; n += 1) await verifier.verify(sign({ n }), 'access');
    expect(verifier.cached(oldest)).toBeUndefined();
    expect(verifier.cached(second)).toEqual(claims);
  });
});
