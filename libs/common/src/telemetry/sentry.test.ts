import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { type Desk, startDesk } from '../../../../tests/support/collector.ts';
import { recordingLog } from '../../test/event-kit.ts';
import { notFound } from '../errors.ts';
import { createApp } from '../http/app.ts';
import { text } from '../http/input/fields.ts';
import { route } from '../http/routes/route.ts';
import { serveRoutes } from '../http/routes/serve-routes.ts';
import { type HttpServer, listen } from '../http/server/server.ts';
import type { ErrorReports } from './error-reports.ts';
import { startSentry } from './sentry.ts';
import { noTracing } from './tracing.ts';

/** What a caller sends, and what errors of others quote: none of it may leave. */
const SECRETS = {
  email: 'ada.lovelace@example.com',
  password: 'correct-horse-battery',
  token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  cookie: 'session=5f0b8a4e',
  query: 'query-value-71c2',
  ip: '203.0.113.7',
  login: 'mongodb://quartet:db-password-3c@db:27017',
};
const USER_ID = '65f1c0ffee15600d5eed0001';

const event = z.object({
  event_id: z.string(),
  level: z.string(),
  release: z.string(),
  environment: z.string(),
  tags: z.record(z.string(), z.string()),
  user: z.unknown(),
  contexts: z.record(z.string(), z.unknown()),
  exception: z.object({
    values: z.array(
      z.object({
        type: z.string(),
        value: z.string(),
        stacktrace: z.object({ frames: z.array(z.object({ filename: z.string().optional() })) }).optional(),
      }),
    ),
  }),
});

let thrown: unknown;
let sentry: Desk;
let reports: ErrorReports;
let server: HttpServer;
const { log, lines } = recordingLog();
const ids = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) };

const routes = [
  route({
    method: 'POST',
    path: '/users/{user_id}',
    access: 'user',
    operationId: 'users-break',
    summary: '',
    description: '',
    params: { user_id: { description: '', example: '', maxLength: 9 } },
    body: z.object({ password: text({ max: 128 }) }),
    answer: { schema: z.unknown() },
    handler: () => Promise.reject(thrown),
  }),
];

beforeAll(async () => {
  sentry = await startDesk();
  const dsn = `${sentry.url.replace('://', '://publickey@')}/42`;
  reports = startSentry('items', '1.2.3', { dsn, release: undefined, environment: 'staging' }, log);
  const caller = {
    userId: USER_ID,
    sessionId: 's',
    isSuperuser: false,
    tokenVersion: 0,
    issuedAt: 0,
    expiresAt: 0,
  };
  const app = createApp({
    log,
    telemetry: { reports, tracing: { ...noTracing, ids: () => ids } },
    dispatches: [serveRoutes('', routes, async () => caller)],
  });
  server = await listen(app, '127.0.0.1', 0);
});
afterAll(async () => {
  await server.drain();
  await sentry.stop();
});
afterEach(() => void sentry.received.splice(0));

/** Sends a request full of secrets, upon which the error is thrown. */
async function fail(err: unknown): Promise<number> {
  thrown = err;
  const { status } = await fetch(`http://127.0.0.1:${server.port}/users/${USER_ID}?secret=${SECRETS.query}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${SECRETS.token}`,
      cookie: SECRETS.cookie,
      'content-type': 'application/json',
      'x-forwarded-for': SECRETS.ip,
      'x-request-id': 'request-1',
    },
    body: JSON.stringify({ email: SECRETS.email, password: SECRETS.password }),
  });
  await reports.flush();
  return status;
}

/** The events that arrived, each the third line of its envelope. */
const events = () => sentry.received.map(({ body }) => event.parse(JSON.parse(body.split('\n')[2] ?? '')));

test('given an unexpected error, then it is reported with the ids by which it can be found', async () => {
  expect(await fail(new TypeError('x is not a function'))).toBe(500);
  const [reported] = events();
  expect(reported).toMatchObject({
    level: 'error',
    release: 'quartet@1.2.3',
    environment: 'staging',
    tags: {
      service: 'items',
      request_id: 'request-1',
      method: 'POST',
      route: '/users/{user_id}',
      trace_id: ids.trace_id,
    },
    user: { id: USER_ID },
    contexts: { trace: ids },
  });
  expect(reported?.exception.values).toMatchObject([{ type: 'TypeError', value: 'x is not a function' }]);
  const frames = reported?.exception.values[0]?.stacktrace?.frames ?? [];
  expect(frames.at(-1)?.filename).toContain('sentry.test.ts');
  expect(sentry.received[0]?.path).toMatch(/^\/api\/42\/envelope\//);
});

test('given an error that quotes input, then the report has none of it', async () => {
  const { email, password, token, ip, login } = SECRETS;
  const cause = Object.assign(new Error(`dup key: { email: "${email}" }`), { keyValue: { email } });
  const err = new Error(`${email} from ${ip} at ${login} with Bearer ${token}, {"password":"${password}"}`, {
    cause,
  });
  await fail(Object.assign(err, { body: { password }, headers: { authorization: token } }));
  expect(events()[0]?.exception.values).toHaveLength(2);
  const all = sentry.received.map(({ body, headers }) => body + JSON.stringify(headers)).join('\n');
  for (const [name, secret] of Object.entries(SECRETS)) expect(all, name).not.toContain(secret);
  expect(all).not.toContain('db-password-3c');
  // Nor anything that stands for the caller's or this machine's address.
  expect(all).not.toMatch(/ip_address|server_name|\{\{auto\}\}/);
});

test.each([
  ['a thrown object', { email: SECRETS.email, password: SECRETS.password }],
  ['a thrown text', `${SECRETS.email} again`],
])('given %s, then it is reported without its content', async (_name, err) => {
  expect(await fail(err)).toBe(500);
  expect(events()).toHaveLength(1);
  const all = sentry.received.map(({ body }) => body).join('\n');
  for (const [name, secret] of Object.entries(SECRETS)) expect(all, name).not.toContain(secret);
});

test('given a refusal, then nothing is reported', async () => {
  expect(await fail(notFound('Item not found'))).toBe(404);
  expect(sentry.received).toHaveLength(0);
});

test('given an unavailable Sentry, then the answer is the same and the log reports it', async () => {
  const away = startSentry(
    'items',
    '1.2.3',
    { dsn: 'http://publickey@127.0.0.1:1/42', release: undefined, environment: 'staging' },
    log,
  );
  away.report(new Error('lost'), 'error');
  await away.flush();
  expect(lines().map(({ msg }) => msg)).toContain('an error could not be reported');
});
