import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, type Client, createClient, logIn } from '../support/client.ts';
import { waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

/** Nothing that was answered may be lost. */
let stack: Stack;
let call: Client;
let admin: string;

beforeAll(async () => {
  stack = await startStack();
  call = createClient(stack.api);
  admin = await logIn(call, ADMIN.email, ADMIN.password);
});
afterAll(() => stack?.stop());

/** The launcher records the process ids for its own clean-up. */
async function pidOf(name: string): Promise<number> {
  const state = JSON.parse(await readFile(join(stack.dataDir, 'stack.json'), 'utf8')) as {
    children: { name: string; pid: number }[];
  };
  const pid = state.children.find((child) => child.name === name)?.pid;
  if (pid === undefined) throw new Error(`no process ${name} in ${JSON.stringify(state)}`);
  return pid;
}

const kill = async (name: string): Promise<void> => void process.kill(await pidOf(name), 'SIGKILL');

test('given items is killed, then its routes answer 503 until it is back, and the others work', async () => {
  const { body } = await call('POST', '/items/', { token: admin, body: { title: 'kept' } });
  await kill('items');
  const away = await call('GET', '/items/', { token: admin });
  if (away.status !== 200) {
    expect(away).toMatchObject({ status: 503, body: { detail: 'Service unavailable' } });
    expect(away.headers.get('retry-after')).toBe('1');
  }
  expect((await call('GET', '/users/me', { token: admin })).status).toBe(200);
  const list = async () => (await call('GET', '/items/', { token: admin })).body;
  await expect.poll(list, { timeout: 20_000 }).toEqual({ data: [body], count: 1, next_cursor: null });
});

const { MONGODB_URL, DOCUMENTDB_HOST, NATS_URL } = process.env;

// The tests must not kill foreign servers.
test.skipIf(NATS_URL)(
  'given the broker is killed, then a sign-up is answered and its e-mail is sent once it is back',
  async () => {
    await kill('broker');
    const signedUp = { email: 'while-away@example.com', password: 'password1' };
    expect((await call('POST', '/users/signup', { body: signedUp })).status).toBe(200);
    await waitForMail(stack.inbox, signedUp.email, 'Welcome');
  },
);

test('given auth is killed right after an answer, then the event is still published', async () => {
  const signedUp = { email: 'just-before@example.com', password: 'password1' };
  expect((await call('POST', '/users/signup', { body: signedUp })).status).toBe(200);
  await kill('auth');
  await waitForMail(stack.inbox, signedUp.email, 'Welcome');
});

test.skipIf(MONGODB_URL || DOCUMENTDB_HOST)(
  'given the database is killed, then requests are 503 until it is back, with all data',
  async () => {
    await kill('database');
    const status = async () => (await call('GET', '/users/me', { token: admin })).status;
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
    const users = await call('GET', '/users/', { token: admin });
    expect(users.body).toMatchObject({ count: 3 });
  },
);
