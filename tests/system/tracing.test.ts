import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../support/client.ts';
import { type CollectedSpan, type Desk, spansAt, startDesk } from '../support/collector.ts';
import { waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

const email = 'traced@example.com';
const password = 'a password that nobody may see';
const caller = { trace: 'c'.repeat(32), span: 'd'.repeat(16) };
const traceparent = `00-${caller.trace}-${caller.span}-01`;

let collector: Desk;
let stack: Stack;

beforeAll(async () => {
  collector = await startDesk();
  stack = await startStack([], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
});
afterAll(async () => {
  await stack?.stop();
  await collector?.stop();
});

const ours = () => spansAt(collector).filter(({ traceId }) => traceId === caller.trace);

/** `under` is the parent span. */
async function spanOf(service: string, name: string, under?: { spanId: string }): Promise<CollectedSpan> {
  const find = () =>
    ours().find(
      (span) =>
        span.service === service &&
        span.name === name &&
        (under === undefined || span.parentSpanId === under.spanId),
    );
  await expect.poll(find, { message: `${name} of ${service}` }).toBeDefined();
  const span = find();
  if (!span) throw new Error(`no span ${name}`);
  return span;
}

test('given a trace, when a user signs up and asks for a link, then both e-mails arrive', async () => {
  const api = createClient(stack.api);
  const body = { email, password };
  const { status } = await api('POST', '/users/signup?secret=query', { body, headers: { traceparent } });
  expect(status).toBe(200);
  await waitForMail(stack.inbox, email, 'Welcome');
  await api('POST', `/password-recovery/${email}`, { headers: { traceparent } });
  await waitForMail(stack.inbox, email, 'Password recovery');
  await api('GET', `/nowhere/${email}`, { headers: { traceparent } });
});

test('given a sign-up with a trace, then each step to the e-mail is the child of the one before', async () => {
  const atGateway = await spanOf('gateway', 'POST /users/signup', { spanId: caller.span });
  const passedOn = await spanOf('gateway', 'POST', atGateway);
  const atAuth = await spanOf('auth', 'POST /users/signup', passedOn);
  await spanOf('auth', 'insert users', atAuth);
  const published = await spanOf('auth', 'publish user.created', atAuth);
  const processed = await spanOf('notifier', 'process user.created', published);
  await spanOf('notifier', 'insert emails', processed);
  const mail = await spanOf('notifier', 'e-mail welcome', processed);
  await spanOf('notifier', 'SMTP send', mail);
  expect(atAuth.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/users/signup',
    'http.response.status_code': 200,
  });
  expect(published.attributes).toMatchObject({ 'messaging.system': 'nats' });
});

test('given an e-mail with a link, then the request to auth for the link belongs to the trace', async () => {
  const mail = await spanOf('notifier', 'e-mail password-recovery');
  const asked = await spanOf('notifier', 'request password-link', mail);
  const answered = await spanOf('auth', 'answer password-link', asked);
  await spanOf('auth', 'find users', answered);
});

test('given an unknown path, then only the method names its span', async () => {
  const span = await spanOf('gateway', 'GET', { spanId: caller.span });
  expect(span.attributes).toMatchObject({ 'http.response.status_code': 404 });
});

test('then a span names its process', async () => {
  const { resource } = await spanOf('auth', 'POST /users/signup');
  expect(resource).toMatchObject({
    'service.namespace': 'quartet',
    'service.version': '0.1.0',
    'deployment.environment.name': 'test',
  });
  const processes = new Set(spansAt(collector).map((span) => span.resource['service.instance.id']));
  expect(processes.size).toBe(3);
});

test('then background loops create no spans', () => {
  const roots = spansAt(collector).filter(({ parentSpanId }) => !parentSpanId);
  const names = new Set(roots.map(({ name }) => name));
  // No request caused the first superuser's event; other services ask for the key set at their start.
  const known = ['publish user.created', 'GET /.well-known/jwks.json'];
  expect([...names].filter((name) => !known.includes(name))).toEqual([]);
});

test('then every log line of it has its id, in every process', async () => {
  const folder = join(stack.dataDir, 'logs');
  const linesOf = async (name: string) => {
    const file = (await readdir(folder)).find((it) => it.startsWith(name)) ?? '';
    const texts = (await readFile(join(folder, file), 'utf8')).split('\n').filter((line) => line !== '');
    return texts.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const line = async (name: string, fields: object) =>
    expect
      .poll(() => linesOf(name))
      .toContainEqual(expect.objectContaining({ ...fields, trace_id: caller.trace }));
  const atAuth = await spanOf('auth', 'POST /users/signup');
  const { spanId: span_id } = atAuth;
  await line('auth', { msg: 'request', route: '/users/signup', status: 200, span_id });
  await line('gateway', { msg: 'request', route: '/users/signup', status: 200 });
  await line('notifier', { msg: 'e-mail sent', kind: 'welcome' });
});

test('then nothing personal and no secret was sent', () => {
  const all = collector.received.map(({ body }) => body).join('\n');
  expect(all).toContain('password-recovery');
  for (const secret of [email, password, 'secret=query', 'eyJ']) expect(all).not.toContain(secret);
});
