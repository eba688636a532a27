import { afterAll, beforeAll, expect, test } from 'vitest';
import { logInAdmin, newMember } from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import {
  type Running,
  runAuth,
  runGateway,
  runItems,
  runNotifier,
} from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let first: Running;
let replica: Running;
/** Ways to one user's own data, through every service. */
let everywhere: [name: string, client: Client, path: string][];

beforeAll(async () => {
  bed = await startTestbed();
  first = await runAuth(bed);
  replica = await runAuth(bed);
  const items = await runItems(bed, first);
  const notifier = await runNotifier(bed, first);
  const urls = { AUTH_URL: first.url, ITEMS_URL: items.url, NOTIFIER_URL: notifier.url };
  const gateway = await runGateway(bed, urls);
  everywhere = [
    ['auth', first.client, '/users/me'],
    ['another auth', replica.client, '/users/me'],
    ['items', items.client, '/items/'],
    ['the notifier', notifier.client, '/emails/'],
    ['the gateway', gateway.client, '/items/'],
    ['auth through the gateway', gateway.client, '/users/me'],
  ];
});
afterAll(() => bed.stop());

const refused = { status: 403, body: { detail: 'Could not validate credentials' } };
const logOut = (token: string, auth = first.client) => auth('POST', '/logout', { token });

test('given a logout, then every service refuses the token, also without the gateway, and other sessions stay valid', async () => {
  const token = await logInAdmin(first.client);
  const other = await logInAdmin(first.client);
  for (const [name, client, path] of everywhere) {
    expect((await client('GET', path, { token })).status, name).toBe(200);
  }
  expect(await logOut(token)).toMatchObject({ status: 200, body: { message: 'Logged out' } });
  for (const [name, client, path] of everywhere) {
    await expect.poll(() => client('GET', path, { token }), { message: name }).toMatchObject(refused);
    expect((await client('GET', path, { token: other })).status, name).toBe(200);
  }
  expect(await logOut(token)).toMatchObject(refused);
  expect((await logOut(other)).status).toBe(200);
});

test('given a replica that starts later, then it knows of the logout before its first answer', async () => {
  const { token } = await newMember(first.client);
  await logOut(token);
  const items = await runItems(bed, first);
  expect(await items.client('GET', '/items/', { token })).toMatchObject(refused);
  const auth = await runAuth(bed);
  expect(await auth.client('GET', '/users/me', { token })).toMatchObject(refused);
});

test('given 30 sessions that are logged out at once on two replicas, then all are, and a new login works', async () => {
  const { email, password } = await newMember(first.client);
  const tokens = await Promise.all(Array.from({ length: 31 }, () => logIn(first.client, email, password)));
  const [kept = '', ...ended] = tokens;
  const answers = await Promise.all(
    ended.map((token, n) => logOut(token, n % 2 === 0 ? first.client : replica.client)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  for (const token of ended) {
    await expect.poll(() => replica.client('GET', '/users/me', { token })).toMatchObject(refused);
  }
  expect((await replica.client('GET', '/users/me', { token: kept })).status).toBe(200);
  expect(await logIn(first.client, email, password)).toBeTruthy();
});

test('given a deleted or deactivated user, then the answer to a logout says so', async () => {
  const admin = await logInAdmin(first.client);
  const gone = await newMember(first.client);
  await first.client('DELETE', `/users/${gone.id}`, { token: admin });
  expect(await logOut(gone.token)).toMatchObject({ status: 404, body: { detail: 'User not found' } });
  const idle = await newMember(first.client);
  await first.client('PATCH', `/users/${idle.id}`, { token: admin, body: { is_active: false } });
  expect(await logOut(idle.token)).toMatchObject({ status: 400, body: { detail: 'Inactive user' } });
});

test('given a logout, then the broker keeps it as long as the token would have lived, and no longer', async () => {
  const short = await runAuth(bed, { ACCESS_TOKEN_EXPIRE_MINUTES: '1' });
  const { token } = await newMember(short.client);
  const { sid, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    sid: string;
    exp: number;
  };
  await logOut(token, short.client);
  const kv = await bed.broker.kvm.open(bed.broker.names.revocations);
  const key = `session.${sid}`;
  await expect.poll(async () => (await kv.get(key))?.json()).toEqual({ until: exp });
  const stored = await bed.broker.jsm.streams.getMessage(`KV_${bed.broker.names.revocations}`, {
    last_by_subj: `$KV.${bed.broker.names.revocations}.${key}`,
  });
  const seconds = Number.parseInt(stored?.header.get('Nats-TTL') ?? '', 10);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
});
