import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ConfigError, readConfig } from './config.ts';
import { environments } from './fields.ts';
import { refuseWeakSecrets, weaknessOf, weakSecrets } from './weak-secrets.ts';

describe('given a secret that could be guessed, then it is reported as weak', () => {
  test.each(['', 'secret', 'x'.repeat(31), randomBytes(15).toString('hex'), '😀'.repeat(31)])(
    'as %j, too short',
    (text) => {
      expect(weaknessOf(text)).toBe('has fewer than 32 characters');
    },
  );

  test.each([
    'a'.repeat(64),
    'secret'.repeat(6),
    '0123456789abcdef0123456789abcdef',
    '12345678901234567890123456789012',
    '11111111111111111111111111111112',
    ' '.repeat(40),
    'abababababababababababababababab1',
  ])('as %j, repeated', (text) => {
    expect(weaknessOf(text)).toBe('repeats itself');
  });

  test.each([
    '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
    'your-256-bit-secret-your-secret-key-here',
    'a-string-secret-at-least-256-bits-long',
    'change_this_to_a_long_random_string_in_production!',
    'SuperSecretKeyPleaseChangeMeInProduction2024',
    'thisisasecretkeythatshouldbechanged',
    'insert your jwt secret key here please',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'qwertyuiopasdfghjklzxcvbnm1234567890',
  ])('as %j, common', (text) => {
    expect(weaknessOf(text)).toBe('is a common one');
  });
});

test('given random secrets of the usual kinds, then none is weak', () => {
  for (let times = 0; times < 500; times += 1) {
    const bytes = randomBytes(32);
    for (const text of [
      bytes.toString('base64url'),
      bytes.toString('hex'),
      bytes.toString('hex').slice(0, 32),
      `p${bytes.toString('hex').slice(0, 48)}`,
      randomUUID(),
      'correct horse battery staple and a grey umbrella',
    ]) {
      expect(weaknessOf(text), text).toBeUndefined();
    }
  }
});

test('given a random hexadecimal number with few letters, then a word that they spell does not make it a placeholder', () => {
  expect(weaknessOf('31415926535a9793238462643383279a')).toBeUndefined();
});

describe('given the settings of a process', () => {
  const schema = z.object({
    ENVIRONMENT: environments.default('local'),
    KEY: z.string(),
    OLD: z.string().optional(),
  });
  const read = (env: NodeJS.ProcessEnv) => {
    try {
      return readConfig(schema.check(refuseWeakSecrets(['KEY', 'OLD'])), env);
    } catch (err) {
      if (err instanceof ConfigError) return err.message.split('\n').slice(1);
      throw err;
    }
  };
  const strong = randomBytes(32).toString('base64url');

  test.each(['staging', 'production'])(
    'when ENVIRONMENT is %s, then a weak secret is refused and not shown',
    (ENVIRONMENT) => {
      expect(read({ ENVIRONMENT, KEY: 'secret', OLD: 'b'.repeat(40) })).toEqual([
        `  KEY: has fewer than 32 characters, which ENVIRONMENT ${ENVIRONMENT} does not allow; make a random one`,
        `  OLD: repeats itself, which ENVIRONMENT ${ENVIRONMENT} does not allow; make a random one`,
      ]);
      expect(read({ ENVIRONMENT, KEY: strong })).toMatchObject({ KEY: strong });
      // That one has words of its own.
      expect(read({ ENVIRONMENT, KEY: 'changethis' })).toMatchObject({ KEY: 'changethis' });
    },
  );

  test('when ENVIRONMENT is local, then a weak secret is accepted and a warning is logged', () => {
    const env = { KEY: 'secret', OLD: strong };
    expect(read(env)).toMatchObject(env);
    expect(weakSecrets(env, ['KEY', 'OLD'])).toEqual({ KEY: 'has fewer than 32 characters' });
  });
});
