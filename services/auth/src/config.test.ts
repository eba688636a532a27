import { ConfigError } from '@quartet/common/config/config.ts';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const GOOD = { SECRET_KEY: 'V7gq2Xz0sYtB4nKd1LrJ8mWc5PfH6uAe' };
const OLD = 'mR3bTq9ZkXw0vYc7Nf2Gs5Jh8LpDaE4u';

function mistakesOf(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(env);
  } catch (err) {
    if (err instanceof ConfigError) return err.message;
    throw err;
  }
  throw new Error('the configuration was taken');
}

test('given EMAIL_VERIFICATION=maybe, then the mistake names what it may be', () => {
  expect(mistakesOf({ ...GOOD, EMAIL_VERIFICATION: 'maybe' })).toContain(
    'EMAIL_VERIFICATION: must be off, optional or required',
  );
  const { verification } = loadConfig({ ...GOOD, EMAIL_VERIFICATION: 'required' });
  expect(verification).toMatchObject({ isOn: true, isRequired: true });
});

describe('given only what is needed', () => {
  test('then all else has its default', () => {
    expect(loadConfig(GOOD)).toEqual({
      logLevel: 'info',
      host: '0.0.0.0',
      port: 8001,
      privatePort: 9001,
      privateHosts: [],
      trustsProxy: expect.any(Function),
      drainMs: 0,
      receiveWithinMs: 30_000,
      telemetry: {},
      broker: { servers: ['nats://127.0.0.1:4222'], namespace: undefined },
      retry: { attempts: 12, firstDelayMs: 1_000, longestDelayMs: 3_600_000 },
      database: { url: 'mongodb://localhost:27017/?retryWrites=false&journal=true', name: 'app' },
      secretKeys: [GOOD.SECRET_KEY],
      firstSuperuser: { email: 'admin@example.com', password: 'changethis' },
      accessTokenSeconds: 8 * 24 * 3600,
      verification: { isOn: false, isRequired: false, linkSeconds: 172_800 },
      sessionLife: {
        tokenSeconds: 8 * 24 * 3_600,
        shortTokenSeconds: 900,
        sinceUseMs: 30 * 86_400_000,
        sinceLoginMs: 180 * 86_400_000,
      },
      corsOrigins: [
        ...['http://localhost:8000', 'http://localhost', 'http://localhost:5173'],
        ...['https://localhost', 'https://localhost:5173'],
      ],
      hashRounds: 12,
      keyRolloutMs: 600_000,
      limits: {
        loginFailuresPerAddress: { count: 1_000, periodMs: 60_000 },
        signupsPerAddress: { count: 500, periodMs: 60_000 },
        recoveriesPerEmail: { count: 100, periodMs: 60_000 },
        recoveriesPerAddress: { count: 500, periodMs: 60_000 },
        accountChangesPerUser: { count: 100, periodMs: 60_000 },
        accountChangesPerAddress: { count: 500, periodMs: 60_000 },
        undosPerAddress: { count: 500, periodMs: 60_000 },
        refreshesPerSession: { count: 300, periodMs: 60_000 },
        refreshesPerAddress: { count: 3_000, periodMs: 60_000 },
        loginThrottle: {
          freeAttempts: 10,
          longestPauseMs: 60_000,
          forgetMs: 3_600_000,
          longestWaitMs: 10_000,
        },
      },
      privateRoutes: true,
      defaultSecrets: ['FIRST_SUPERUSER_PASSWORD'],
      weakSecrets: {},
    });
  });

  test('then an empty value counts as unset', () => {
    const names = [
      'PORT',
      'ENVIRONMENT',
      'DOCUMENTDB_HOST',
      'MONGODB_URL',
      'SECRET_KEY_PREVIOUS',
      'FIRST_SUPERUSER',
    ];
    expect(loadConfig({ ...GOOD, ...Object.fromEntries(names.map((name) => [name, ''])) })).toEqual(
      loadConfig(GOOD),
    );
    expect(mistakesOf({ SECRET_KEY: '' })).toContain('SECRET_KEY: is needed');
  });
});

test('given values for everything, then they are read', () => {
  const config = loadConfig({
    SECRET_KEY: GOOD.SECRET_KEY,
    SECRET_KEY_PREVIOUS: OLD,
    FIRST_SUPERUSER: ' Boss@Example.com',
    FIRST_SUPERUSER_PASSWORD: 'a real password',
    ACCESS_TOKEN_EXPIRE_MINUTES: '30',
    EMAIL_RESET_TOKEN_EXPIRE_HOURS: '1',
    ENVIRONMENT: 'production',
    NATS_URL: 'nats://one:4222, nats://two:4222',
    NATS_REPLICAS: '3',
  });
  expect(config).toMatchObject({
    secretKeys: [GOOD.SECRET_KEY, OLD],
    firstSuperuser: { email: 'boss@example.com', password: 'a real password' },
    accessTokenSeconds: 1800,
    verification: { linkSeconds: 3_600 },
    privateRoutes: false,
    defaultSecrets: [],
    broker: { servers: ['nats://one:4222', 'nats://two:4222'] },
    brokerReplicas: 3,
  });
});

describe('given mistakes', () => {
  const WRONG = {
    FIRST_SUPERUSER: 'secret-nobody',
    FIRST_SUPERUSER_PASSWORD: 'secret7',
    ACCESS_TOKEN_EXPIRE_MINUTES: 'secret-soon',
    EMAIL_RESET_TOKEN_EXPIRE_HOURS: '0',
    PASSWORD_HASH_ROUNDS: '99',
    PORT: '70000',
    ENVIRONMENT: 'secret-place',
    LOG_LEVEL: 'secret-level',
    MONGODB_URL: 'postgres://user:secret@host',
    NATS_NAMESPACE: 'secret space',
    NATS_REPLICAS: '2',
    TRUSTED_PROXIES: 'secret-proxy',
    RATE_LIMITS: 'secret-limits',
    LIMIT_SIGNUPS_PER_ADDRESS: '20 per secret',
    LIMIT_RECOVERIES_PER_EMAIL: '0/hour',
    LOGIN_SLOWDOWN_AFTER: '0',
  };

  test('then one message names all of them', () => {
    const message = mistakesOf(WRONG);
    for (const name of [...Object.keys(WRONG), 'SECRET_KEY']) expect(message).toContain(`  ${name}: `);
  });

  test('then no value is in it', () => {
    expect(mistakesOf(WRONG)).not.toContain('secret');
  });

  test.each(['staging', 'production'])(
    'in %s, then "changethis" is a mistake, beside all others',
    (ENVIRONMENT) => {
      const passwords = { DOCUMENTDB_PASSWORD: 'changethis', NATS_PASSWORD: 'changethis' };
      const env = { SECRET_KEY: 'changethis', ...passwords, ENVIRONMENT };
      for (const message of [mistakesOf(env), mistakesOf({ ...env, PORT: 'x' })]) {
        for (const name of ['SECRET_KEY', 'FIRST_SUPERUSER_PASSWORD', ...Object.keys(passwords)]) {
          expect(message).toContain(`  ${name}: must not be "changethis" when ENVIRONMENT is ${ENVIRONMENT}`);
        }
      }
      expect(mistakesOf({ ...env, PORT: 'x' })).toContain('  PORT: ');
    },
  );

  test.each(['staging', 'production'])(
    'in %s, then a key that can be guessed is a mistake',
    (ENVIRONMENT) => {
      const env = { ...GOOD, FIRST_SUPERUSER_PASSWORD: 'a real password', ENVIRONMENT };
      for (const key of ['secret', 'a'.repeat(64), 'your-256-bit-secret-your-secret-key', 'changethis']) {
        expect(mistakesOf({ ...env, SECRET_KEY: key })).toContain('  SECRET_KEY: ');
        expect(mistakesOf({ ...env, SECRET_KEY_PREVIOUS: key })).toContain('  SECRET_KEY_PREVIOUS: ');
      }
    },
  );

  test('then in local such a key is no mistake but is listed', () => {
    expect(loadConfig({ SECRET_KEY: 'secret', SECRET_KEY_PREVIOUS: 'a'.repeat(64) }).weakSecrets).toEqual({
      SECRET_KEY: 'has fewer than 32 characters',
      SECRET_KEY_PREVIOUS: 'repeats itself',
    });
  });

  test('then in local "changethis" is no mistake but is listed', () => {
    const { defaultSecrets } = loadConfig({ SECRET_KEY: 'changethis', DOCUMENTDB_PASSWORD: 'changethis' });
    expect(defaultSecrets).toEqual(['SECRET_KEY', 'FIRST_SUPERUSER_PASSWORD', 'DOCUMENTDB_PASSWORD']);
  });
});

describe('the database', () => {
  const parts = {
    DOCUMENTDB_HOST: 'db.example.com',
    DOCUMENTDB_PORT: '10260',
    DOCUMENTDB_USER: 'us er',
    DOCUMENTDB_PASSWORD: 'p@ss/w:rd?',
    DOCUMENTDB_DB: 'quartet',
  };
  const url =
    'mongodb://us%20er:p%40ss%2Fw%3Ard%3F@db.example.com:10260/?retryWrites=false&journal=true&authSource=';

  test.each([
    ['given its parts', parts, { url: `${url}admin`, name: 'quartet' }],
    [
      'given an auth source',
      { ...parts, DOCUMENTDB_AUTH_SOURCE: 'users' },
      { url: `${url}users`, name: 'quartet' },
    ],
    [
      'given a URL too',
      { ...parts, MONGODB_URL: 'mongodb://one/x?appName=b' },
      { url: 'mongodb://one/x?appName=b', name: 'quartet' },
    ],
    [
      'given a URL with a name',
      { MONGODB_URL: 'mongodb+srv://u:p@h.example.com/my%20db?appName=b' },
      { url: 'mongodb+srv://u:p@h.example.com/my%20db?appName=b', name: 'my db' },
    ],
    [
      'given a URL without one',
      { MONGODB_URL: 'mongodb://h:1/?appName=b' },
      { url: 'mongodb://h:1/?appName=b', name: 'app' },
    ],
  ])('%s, then its address is this', (_name, env, address) => {
    expect(loadConfig({ ...GOOD, ...env }).database).toEqual(address);
  });
});
