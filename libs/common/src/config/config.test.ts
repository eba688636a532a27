import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import * as config from './config.ts';
import { defaultSecrets, refuseDefaultSecrets } from './default-secrets.ts';
import * as fields from './fields.ts';

const read = (schema: z.ZodType, value: string | undefined): unknown =>
  config.readConfig(z.object({ NAME: schema }), { NAME: value }).NAME;

describe('one variable', () => {
  test.each([
    [fields.port(8000), undefined, 8000],
    [fields.port(8000), '', 8000],
    [fields.port(8000), '0', 0],
    [fields.port(8000), '65535', 65_535],
    [fields.flag(false), 'yes', true],
    [fields.flag(true), 'off', false],
    [fields.flag(true), undefined, true],
    [fields.whole(4, 4, 16), '16', 16],
    [fields.httpUrl('http://localhost:1'), 'https://api.example.com/v1//', 'https://api.example.com/v1'],
    [fields.httpUrl('http://localhost:1'), undefined, 'http://localhost:1'],
    [fields.list('a'), undefined, ['a']],
    [fields.list('a'), ' http://x , http://y,, ', ['http://x', 'http://y']],
    [fields.list('a'), ' ["http://x", "http://y"]', ['http://x', 'http://y']],
    [fields.list('a'), '[]', []],
  ])('given %#: %j, then it has the expected value', (schema, value, expected) => {
    expect(read(schema, value)).toEqual(expected);
  });

  test.each([
    [fields.port(1), '65536'],
    [fields.port(1), '-1'],
    [fields.port(1), '80.5'],
    [fields.port(1), 'http'],
    [fields.flag(true), 'maybe'],
    [fields.whole(4, 4, 16), '3'],
    [fields.httpUrl('http://x'), 'ftp://x'],
    [fields.httpUrl('http://x'), 'localhost:8001'],
    [fields.list('a'), '["a"'],
    [fields.list('a'), '[1]'],
  ])('given %#: %j, then it is refused without being shown', (schema, value) => {
    expect(() => read(schema, value)).toThrow(config.ConfigError);
    expect(() => read(schema, value)).toThrow(/^The configuration is wrong:\n {2}NAME: (?!.*ftp|.*maybe)/);
  });
});

describe('a whole configuration', () => {
  const schema = z
    .object({ ...config.processFields(8001), SECRET: z.string(), NEEDED: z.string({ error: 'is needed' }) })
    .check(refuseDefaultSecrets(['SECRET']));

  test('given several mistakes, then all are named in one message, a default secret among them', () => {
    const env = {
      PORT: 'x',
      PRIVATE_PORT: '70000',
      ENVIRONMENT: 'production',
      SECRET: 'changethis',
      NATS_NAMESPACE: 'a b',
    };
    const message = () => config.readConfig(schema, env);
    for (const name of [
      'PORT',
      'PRIVATE_PORT',
      'NATS_NAMESPACE',
      'NEEDED: is needed',
      'SECRET: must not be "changethis" when ENVIRONMENT is production',
    ]) {
      expect(message).toThrow(`  ${name}`);
    }
  });

  test('given a default secret locally, then it is allowed and listed for the warning', () => {
    const env = config.readConfig(schema, { SECRET: 'changethis', NEEDED: 'x' });
    expect(defaultSecrets(env, ['SECRET', 'NEEDED'])).toEqual(['SECRET']);
  });

  test.each(['staging', 'production'])('given another secret in %s, then it is accepted', (ENVIRONMENT) => {
    expect(
      config.readConfig(schema, { ENVIRONMENT, SECRET: 'long and random', NEEDED: 'x' }).ENVIRONMENT,
    ).toBe(ENVIRONMENT);
  });

  test('given nothing, then ports, level and broker have defaults', () => {
    const env = config.readConfig(z.object(config.processFields(8001)), {});
    expect(env).toMatchObject({ PORT: 8001, PRIVATE_PORT: 9001, LOG_LEVEL: 'info' });
    expect(config.processConfig(env).broker).toEqual({
      servers: ['nats://127.0.0.1:4222'],
      namespace: undefined,
    });
  });

  test.each([
    [{}, 0],
    [{ ENVIRONMENT: 'production' }, 5_000],
    [{ ENVIRONMENT: 'staging', DRAIN_SECONDS: '0' }, 0],
    [{ DRAIN_SECONDS: '8' }, 8_000],
  ])('given %j, then a process drains for %i ms', (env, drainMs) => {
    const read = config.readConfig(z.object(config.processFields(8001)), env);
    expect(config.processConfig(read).drainMs).toBe(drainMs);
  });

  test.each([
    [{}, 30_000],
    [{ REQUEST_TIMEOUT_SECONDS: '5' }, 5_000],
  ])('given %j, then a request may take %i ms to arrive', (env, receiveWithinMs) => {
    const read = config.readConfig(z.object(config.processFields(8001)), env);
    expect(config.processConfig(read).receiveWithinMs).toBe(receiveWithinMs);
  });

  test.each(['0', '-1', '1.5', '3601', 'soon'])(
    'given %s seconds for a request to arrive, then it is a mistake',
    (seconds) => {
      const env = { REQUEST_TIMEOUT_SECONDS: seconds };
      const read = () => config.readConfig(z.object(config.processFields(8001)), env);
      expect(read).toThrow(/REQUEST_TIMEOUT_SECONDS/);
    },
  );

  test('given a longer drain than the time that a process has to end, then it is a mistake', () => {
    const read = () => config.readConfig(z.object(config.processFields(8001)), { DRAIN_SECONDS: '9' });
    expect(read).toThrow(/DRAIN_SECONDS/);
  });

  test('given retry settings, then they are in seconds, and a number out of bounds is a mistake', () => {
    const read = (env: Record<string, string>) =>
      config.processConfig(config.readConfig(z.object(config.processFields(8001)), env)).retry;
    expect(read({})).toEqual({ attempts: 12, firstDelayMs: 1_000, longestDelayMs: 3_600_000 });
    expect(
      read({
        EVENT_RETRY_ATTEMPTS: '3',
        EVENT_RETRY_FIRST_SECONDS: '2',
        EVENT_RETRY_LONGEST_SECONDS: '60',
      }),
    ).toEqual({ attempts: 3, firstDelayMs: 2_000, longestDelayMs: 60_000 });
    expect(() => read({ EVENT_RETRY_ATTEMPTS: '0' })).toThrow(/EVENT_RETRY_ATTEMPTS/);
  });
});
