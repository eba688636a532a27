import { ConfigError } from '@quartet/common/config/config.ts';
import { describe, expect, test } from 'vitest';
import { dataServiceNames, type ServiceName, serviceNames } from '../../services/services.ts';
import { parseEnvFile } from '../../tools/stack/env-file/parse.ts';
import { configOf } from './configs.ts';
import { textOf } from './read-deploy.ts';

const GOOD = { SECRET_KEY: 'a long random text' };
const all = serviceNames;
const stored = dataServiceNames;
/** auth has the keys itself. */
const checkTokens = serviceNames.filter((name) => name !== 'auth');

function mistakesOf(service: ServiceName, env: NodeJS.ProcessEnv): string[] {
  try {
    configOf(service).loadConfig({ ...GOOD, ...env });
    return [];
  } catch (err) {
    if (err instanceof ConfigError) return err.message.split('\n').slice(1);
    throw err;
  }
}

type Wrong = [name: string, values: string[], readBy?: readonly ServiceName[]];

const wrong: Wrong[] = [
  ['PROJECT_NAME', [' ', 'My\nShop']],
  ['HOST', [' ', 'my host', 'localhost:8000', 'http://localhost']],
  ['PORT', [' ', '0x50', '8000.0', ' 8000', '1e3', '65536']],
  ['PRIVATE_PORT', [' ', '-1']],
  ['DRAIN_SECONDS', [' ', '9', '1.5']],
  ['NATS_URL', ['http://a', 'tls://', 'nats://a:99999', 'nats://a:0', 'nats://a b', 'nats://a/x']],
  ['NATS_USER', [' ']],
  ['NATS_PASSWORD', [' ', 'secret\n']],
  ['EVENT_RETRY_ATTEMPTS', [' ']],
  ['EVENT_RETRY_FIRST_SECONDS', [' ', '3601']],
  ['EVENT_RETRY_LONGEST_SECONDS', [' ']],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', ['collector:4318', 'http://a?x', ' ']],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', ['collector', 'ftp://a']],
  ['OTEL_EXPORTER_OTLP_HEADERS', ['authorization', 'a=%zz', 'a=b,,c=d', ' ']],
  ['OTEL_RESOURCE_ATTRIBUTES', ['staging', 'a=%']],
  ['OTEL_TRACES_SAMPLER_ARG', [' ', '2', '0x1']],
  ['OTEL_BSP_SCHEDULE_DELAY', [' ', '0']],
  ['SENTRY_RELEASE', [' ', 'a/b']],
  ['DOCUMENTDB_HOST', ['host:27017', 'mongodb://host', 'a,b', 'a b', ' '], stored],
  ['DOCUMENTDB_PORT', [' ', '0'], stored],
  ['DOCUMENTDB_USER', [' '], stored],
  ['DOCUMENTDB_PASSWORD', ['secret\r\n'], stored],
  ['DOCUMENTDB_DB', ['a b', 'a/b', 'a.b', '$x', 'x'.repeat(64)], stored],
  ['DOCUMENTDB_AUTH_SOURCE', ['a b', ' '], stored],
  [
    'MONGODB_URL',
    ['mongodb://', 'mongodb://u:p@ss@h', 'mongodb://h:99999', 'mongodb://h/?tls=maybe', 'mongodb://h/a.b'],
    stored,
  ],
  ['AUTH_URL', ['http://a:0', 'http://u:p@a', 'http:a', 'http://a\\b'], checkTokens],
  ['ITEMS_URL', ['http://a#x', ' '], ['gateway']],
  ['UPSTREAM_TIMEOUT_SECONDS', [' '], ['gateway']],
  ['CONNECTIONS_PER_ADDRESS', [' ', '0', '1e3'], ['gateway']],
  ['LIVE_CONNECTIONS_PER_USER', [' ', '0', '1e3'], ['gateway']],
  ['LIVE_CONNECTIONS', [' ', '0', '1e3'], ['gateway']],
  [
    'FRONTEND_HOST',
    ['https://a?x=1', 'https://a#x', 'https://u:p@a', 'http:a', 'https://a b', ' '],
    ['gateway', 'notifier'],
  ],
  [
    'BACKEND_CORS_ORIGINS',
    ['*', 'null', 'file:///x', 'localhost:3000', 'https://*.a.example', 'https://a,*', '["*"]', 'ftp://a'],
    ['gateway'],
  ],
  ['SECRET_KEY', [' ', 'key\n'], ['auth']],
  ['SECRET_KEY_PREVIOUS', [' '], ['auth']],
  ['FIRST_SUPERUSER_PASSWORD', ['        ', 'long enough\n'], ['auth']],
  ['PASSWORD_HASH_ROUNDS', [' '], ['auth']],
  ['LOGIN_SLOWDOWN_AFTER', [' '], ['auth']],
  ['SMTP_HOST', ['smtp.example:587', 'smtp://a', ' '], ['notifier']],
  ['SMTP_PORT', ['0', ' '], ['notifier']],
  ['SMTP_USER', [' '], ['notifier']],
  ['SMTP_PASSWORD', ['secret\n'], ['notifier']],
  ['EMAILS_FROM_NAME', ['Shop\r\nBcc: x@example.com', ' '], ['notifier']],
];

describe.each(wrong)('a %s that is invalid', (name, values, readBy = all) => {
  test.each(values)('given %j, then the refusal names it once and does not show the value', (value) => {
    for (const service of readBy) {
      const mistakes = mistakesOf(service, {
        [name]: value,
        ...(name === 'SMTP_PASSWORD' ? { SMTP_USER: 'u' } : {}),
      });
      expect({ service, mistakes }).toEqual({
        service,
        mistakes: [expect.stringMatching(new RegExp(`^ {2}${name}: must `))],
      });
      if (value.trim().length > 3) expect(mistakes.join()).not.toContain(value.trim());
    }
  });
});

test('given settings that contradict each other, then the one to change is named', () => {
  expect(mistakesOf('items', { PORT: '8002', PRIVATE_PORT: '8002' })).toEqual([
    '  PRIVATE_PORT: must be another than PORT',
  ]);
  expect(mistakesOf('items', { PORT: '0', PRIVATE_PORT: '0' })).toEqual([]);
  expect(mistakesOf('notifier', { SMTP_PASSWORD: 'p' })).toEqual([
    '  SMTP_USER: is needed with SMTP_PASSWORD',
  ]);
});

test.each([
  ['HOST', ['::', '[::1]', '0.0.0.0', 'gateway_1', 'localhost']],
  [
    'SMTP_HOST',
    ['smtp.example.com', '127.0.0.1', 'fd00::1', 'smtp.b\u00fccher.example', 'smtp.example.com.'],
  ],
  ['DOCUMENTDB_DB', ['app-1', 'app_2']],
  ['DOCUMENTDB_AUTH_SOURCE', ['$external', 'admin']],
  ['MONGODB_URL', ['mongodb://u:p%40ss@a:1,b:2/x?replicaSet=rs', 'mongodb+srv://u:p@a.example/']],
  ['NATS_URL', ['nats://a:80', 'tls://[::1]:4222', 'a', 'nats://u:p@a/']],
  ['FRONTEND_HOST', ['https://a.example/app', 'http://localhost:5173/']],
  ['OTEL_EXPORTER_OTLP_HEADERS', ['authorization=Bearer%20a==', 'a=b, c=d']],
  ['OTEL_TRACES_SAMPLER_ARG', ['0', '1', '0.25', '.5', '1.0']],
])('given a %s that works, as in %j, then it is taken', (name, values) => {
  for (const value of values) expect([value, mistakesOf('notifier', { [name]: value })]).toEqual([value, []]);
});

describe('.env.example', () => {
  const example = parseEnvFile(textOf('.env.example'));
  const composeFiles = ['', '.override', '.production', '.documentdb'].map((name) =>
    textOf(`docker-compose${name}.yml`),
  );
  const namesOf = (service: ServiceName) => Object.keys(configOf(service).schema.shape);
  const OTHERS = /^(ENGINES|MAIL_HOSTS|QUARTET_CACHE|EMAIL_TEST_USER|(NATS|MONGODB)_URL_.*)$/;

  test.each(all)('given %s, then it has a line for every setting', (service) => {
    expect(namesOf(service).filter((name) => !Object.hasOwn(example, name))).toEqual([]);
  });

  test('given a line, then some service reads the setting', () => {
    const read = new Set(all.flatMap(namesOf));
    const unknown = Object.keys(example)
      .filter((name) => !read.has(name) && !OTHERS.test(name))
      .filter((name) => !composeFiles.some((file) => file.includes(`\${${name}:`)));
    expect(unknown).toEqual([]);
  });

  test.each(all)('given %s, then it says for every setting what happens without it', (service) => {
    const { schema } = configOf(service);
    const byDefault: Record<string, unknown> = schema.parse(GOOD);
    for (const name of namesOf(service)) {
      const written = example[name];
      if (written === undefined || written === '' || name === 'SECRET_KEY') continue;
      const read: Record<string, unknown> = schema.parse({ ...GOOD, [name]: written });
      // The default "app" is that of compose and of the address, but of no single setting.
      if (name === 'DOCUMENTDB_DB') expect(configOf('auth').loadConfig(GOOD).database?.name).toBe(written);
      else expect([name, read[name]]).toEqual([name, byDefault[name]]);
    }
  });
});
