import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerAddress } from '@quartet/common/config/fields.ts';
import { connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Client, createClient, logIn } from '../support/client.ts';
import { tokenIn, waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

/** Logs, the broker, refusals and command lines must not contain secrets. */

const SECRET_KEY = 'secret-key-of-this-run-7f3a';
const ADMIN_PASSWORD = 'superuser-password-5d2c';
const email = 'grace@example.com';
const passwords = {
  first: 'first-password-91b4',
  changed: 'changed-password-c07e',
  byLink: 'password-by-link-4e18',
  wrong: 'wrong-password-aa63',
  short: 'short-1',
};

let stack: Stack;
let api: Client;
const secrets = new Map<string, string>(Object.entries(passwords));
const refusals: string[] = [];

/** The signature makes a JWT a secret. */
const keep = (name: string, token: string) => void secrets.set(name, token.split('.')[2] ?? '');

const refused = async (asking: Promise<Answer>): Promise<void> => {
  const { status, text } = await asking;
  expect(status).toBeGreaterThanOrEqual(400);
  refusals.push(text);
};

beforeAll(async () => {
  secrets.set('SECRET_KEY', SECRET_KEY).set('superuser', ADMIN_PASSWORD);
  const env = { SECRET_KEY, FIRST_SUPERUSER_PASSWORD: ADMIN_PASSWORD, LOG_LEVEL: 'trace' };
  stack = await startStack([], env);
  api = createClient(stack.api);
});
afterAll(() => stack?.stop());

async function useEverything(): Promise<void> {
  const { first, changed, byLink, wrong, short } = passwords;
  const admin = await logIn(api, 'admin@example.com', ADMIN_PASSWORD);
  keep('token of the superuser', admin);
  await api('POST', '/users/signup', { body: { email, password: first, full_name: 'Grace' } });
  const token = await logIn(api, email, first);
  keep('token of a user', token);

  const form = { username: email, password: wrong };
  await refused(api('POST', '/login/access-token', { form }));
  await refused(api('POST', '/login/access-token', { form: { ...form, grant_type: 'other' } }));
  await refused(api('POST', '/users/signup', { body: { email: 'none', password: first } }));
  await refused(api('POST', '/users/signup', { body: { email: 'ada@example.com', password: short } }));
  await refused(api('POST', '/users/signup', { body: { email, password: wrong } }));
  await refused(
    api('POST', '/users/signup', {
      raw: `{"password":"${first}`,
      headers: { 'content-type': 'application/json' },
    }),
  );
  await refused(api('GET', '/users/', { token }));
  await refused(api('GET', '/users/me', { token: `${token}x` }));
  const wrongChange = { current_password: wrong, new_password: changed };
  await refused(api('PATCH', '/users/me/password', { token, body: wrongChange }));

  const change = { current_password: first, new_password: changed };
  expect((await api('PATCH', '/users/me/password', { token, body: change })).status).toBe(200);
  await api('POST', `/password-recovery/${email}`);
  const link = tokenIn(await waitForMail(stack.inbox, email, 'Password recovery'));
  keep('token of a link', link);
  await refused(api('POST', '/reset-password/', { body: { token: link, new_password: short } }));
  await refused(api('POST', '/reset-password/', { body: { token: `${link}x`, new_password: byLink } }));
  const reset = { token: link, new_password: byLink };
  expect((await api('POST', '/reset-password/', { body: reset })).status).toBe(200);
  await refused(api('POST', '/reset-password/', { body: reset }));
  await refused(api('GET', '/users/me', { token }));

  const invited = { email: 'invited@example.com', password: first };
  expect((await api('POST', '/users/', { token: admin, body: invited })).status).toBe(200);
  keep('token of an invitation', tokenIn(await waitForMail(stack.inbox, invited.email, 'New account')));
  const html = await api('POST', `/password-recovery-html-content/${email}`, { token: admin });
  keep('token of a shown link', /token=([\w.-]+)/.exec(html.text)?.[1] ?? '');
  await waitForMail(stack.inbox, email, 'password was changed');

  // No other e-mail waits for this user.
  const again = await logIn(api, invited.email, first);
  const moved = { email: 'moved@example.com' };
  expect((await api('PATCH', '/users/me', { token: again, body: moved })).status).toBe(200);
  const notice = await waitForMail(stack.inbox, invited.email, 'address was changed');
  const undo = { token: tokenIn(notice, 'undo-email-change') };
  keep('token of a link that undoes', undo.token);
  await refused(api('POST', '/users/undo-email-change', { body: { token: `${undo.token}x` } }));
  expect((await api('POST', '/users/undo-email-change', { body: undo })).status).toBe(200);
  await refused(api('POST', '/users/undo-email-change', { body: undo }));
  expect((await api('POST', '/logout', { token: admin })).status).toBe(200);
}

/** The broker of a stack starts with these passwords. */
async function readBrokerPasswords(): Promise<void> {
  const file = join(stack.dataDir, 'broker', 'nats-server.conf');
  const config = process.env.NATS_URL ? '' : await readFile(file, 'utf8');
  for (const [, user = '', password = ''] of config.matchAll(/user: (\w+), password: "([^"]+)"/g)) {
    secrets.set(`password of ${user} at the broker`, password);
  }
}

function readDatabasePassword(): void {
  const { password } = new URL(stack.database ?? 'mongodb://configured');
  if (password !== '') secrets.set('password at the database', password);
}

const found = (text: string): string[] =>
  [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => name);

/** Returns every message of every stream and bucket, with headers. */
async function everythingAtTheBroker(): Promise<string> {
  const { signal } = new AbortController();
  const log = createLog('test', 'silent');
  const broker = await connectBroker({ ...brokerAddress.parse(stack.broker), name: 'test', log, signal });
  const texts: string[] = [];
  for await (const { config, state } of broker.jsm.streams.list()) {
    if (state.messages === 0) continue;
    const consumer = await broker.js.consumers.get(config.name);
    for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 5_000 })) {
      texts.push(message.subject, message.string(), String(message.headers ?? ''));
    }
  }
  await broker.close();
  return texts.join('\n');
}

test('given users, admins and attackers at work, then this test knows every secret of the run', async () => {
  await useEverything();
  await readBrokerPasswords();
  readDatabasePassword();
  expect(secrets.size).toBe(
    13 + (process.env.NATS_URL ? 0 : 5) + (secrets.has('password at the database') ? 1 : 0),
  );
  for (const [name, secret] of secrets) expect(secret.length, name).toBeGreaterThan(6);
});

test('then no log file contains a secret', async () => {
  const folder = join(stack.dataDir, 'logs');
  const files = await readdir(folder);
  expect(files.length).toBeGreaterThanOrEqual(6);
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    if (/^(auth|gateway)/.test(file)) expect(text, file).toMatch(/login[-/](login_)?access/);
    expect(found(text), file).toEqual([]);
  }
});

test.skipIf(process.env.NATS_URL)('then no message at the broker contains a secret', async () => {
  const text = await everythingAtTheBroker();
  for (const seen of ['user.logged-out', 'password.reset-requested', email, 'openapi']) {
    expect(text).toContain(seen);
  }
  expect(found(text)).toEqual([]);
});

const databaseUrl = () => stack.database ?? process.env.MONGODB_URL ?? '';

test.skipIf(process.env.DOCUMENTDB_HOST)('then no document in the database contains a secret', async () => {
  const client = await MongoClient.connect(databaseUrl());
  const database = client.db(stack.id);
  const texts: string[] = [];
  for (const { name } of await database.listCollections().toArray()) {
    for await (const document of database.collection(name).find()) texts.push(JSON.stringify(document));
  }
  await client.close();
  const text = texts.join('\n');
  for (const seen of [email, 'hashed_password', 'password-recovery']) expect(text).toContain(seen);
  expect(found(text)).toEqual([]);
});

test('then no refusal contains a secret', () => {
  expect(refusals.length).toBeGreaterThan(10);
  expect(found(refusals.join('\n'))).toEqual([]);
});

describe.skipIf(process.platform !== 'linux')('the command lines of all processes', () => {
  test('then none contains a secret', async () => {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      ids.map((id) => readFile(join('/proc', id, 'cmdline'), 'utf8').catch(() => '')),
    );
    expect(lines.filter((line) => line.includes('services/auth/src/main.ts')).length).toBeGreaterThan(0);
    expect(found(lines.join('\n'))).toEqual([]);
  });
});
