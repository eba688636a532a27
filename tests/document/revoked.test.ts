import { readFileSync } from 'node:fs';
import { requestLink } from '@quartet/common/events/user-request.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { adminUpdates, logInAdmin, type Member, newEmail, newMember, PASSWORD } from '../support/accounts.ts';
import { type Client, logIn } from '../support/client.ts';
import { eventsAbout } from '../support/events.ts';
import { shownLink } from '../support/forged-tokens.ts';
import { runAllServices } from '../support/services.ts';
import { startTestbed, type Testbed } from '../support/testbed.ts';
import { ownerOf } from './read-openapi.ts';

const operation = z.object({ security: z.array(z.unknown()).optional() });
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });
const text = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
const routes = Object.entries(document.parse(JSON.parse(text)).paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, { security = [] }]) => security.length > 0)
    .map(([method]) => ({
      method: method.toUpperCase(),
      path: path.replace('/api/v1', '').replace(/\{\w+\}/, 'f'.repeat(24)),
    })),
);

let bed: Testbed;
let auth: Client;
let admin: string;
let serviceOf: (path: string) => Client;
let gateway: Client;

beforeAll(async () => {
  bed = await startTestbed();
  const running = await runAllServices(bed);
  auth = running.auth.client;
  gateway = running.gateway.client;
  admin = await logInAdmin(auth);
  serviceOf = (path) => running[ownerOf(path)].client;
});
afterAll(() => bed.stop());

const invalid = { status: 403, body: { detail: 'Could not validate credentials' } };

async function refusedBy(client: Client, token: string, answer: object): Promise<void> {
  await expect.poll(() => client('GET', '/items/', { token }), { timeout: 10_000 }).toMatchObject(answer);
}

async function resetByLink({ email }: Member): Promise<void> {
  const link = await requestLink(bed.broker, shownLink(bed, email));
  if (!link.found) throw new Error(`no link for ${email}`);
  const body = { token: link.token, new_password: 'password2' };
  expect((await auth('POST', '/reset-password/', { body })).status).toBe(200);
}

async function movedAndUndone({ id, email }: Member): Promise<void> {
  const token = await logIn(auth, email, PASSWORD);
  await auth('PATCH', '/users/me', { token, body: { email: newEmail() } });
  const events = await eventsAbout(bed, 'users', id);
  const event_id = events.findLast(({ event }) => event.type === 'user.updated')?.event.id ?? '';
  const link = await requestLink(bed.broker, { by: 'email-change', event_id, user_id: id });
  const body = { token: link.found ? link.token : '' };
  expect((await auth('POST', '/users/undo-email-change', { body })).status).toBe(200);
}

async function changedBySelf({ email }: Member): Promise<void> {
  const token = await logIn(auth, email, PASSWORD);
  const body = { current_password: PASSWORD, new_password: 'password2' };
  expect((await auth('PATCH', '/users/me/password', { token, body })).status).toBe(200);
}

describe.each<
  [name: string, end: (member: Member) => Promise<unknown>, answer: { status: number; body: object }]
>([
  ['a session that was logged out', ({ token }) => auth('POST', '/logout', { token }), invalid],
  ['a session of before a password change', changedBySelf, invalid],
  ['a session of before a reset', resetByLink, invalid],
  ['a session of before a change of address was undone', movedAndUndone, invalid],
  [
    'a session of before an admin set the password',
    ({ id }) => adminUpdates(auth, admin, id, { password: 'password2' }),
    invalid,
  ],
  [
    'a deactivated user',
    ({ id }) => adminUpdates(auth, admin, id, { is_active: false }),
    { status: 400, body: { detail: 'Inactive user' } },
  ],
  [
    'a deleted user',
    ({ id }) => auth('DELETE', `/users/${id}`, { token: admin }),
    { status: 404, body: { detail: 'User not found' } },
  ],
])('given %s', (_name, end, answer) => {
  test('then every route answers the same, at the gateway and at the service itself', async () => {
    const member = await newMember(auth);
    await end(member);
    const notifierRoute = (token: string) => serviceOf('/emails/')('GET', '/emails/', { token });
    await expect.poll(() => notifierRoute(member.token)).toMatchObject(answer);
    await refusedBy(serviceOf('/items/'), member.token, answer);
    await refusedBy(gateway, member.token, answer);
    expect(routes.length).toBeGreaterThan(20);
    for (const { method, path } of routes) {
      for (const client of [gateway, serviceOf(path)]) {
        const { status, body } = await client(method, path, { token: member.token });
        expect({ status, body }, `${method} ${path}`).toEqual(answer);
      }
    }
  });
});

describe('given a role that changed', () => {
  const lists = ['/users/', '/emails/', '/dead-letters/'];
  const statuses = (token: string) =>
    Promise.all(
      lists.flatMap((path) =>
        [gateway, serviceOf(path)].map(async (client) => (await client('GET', path, { token })).status),
      ),
    );

  test('then a token from before has the new role at once, everywhere', async () => {
    const { id, token } = await newMember(auth);
    expect(new Set(await statuses(token))).toEqual(new Set([403]));
    await adminUpdates(auth, admin, id, { is_superuser: true });
    await expect.poll(async () => new Set(await statuses(token))).toEqual(new Set([200]));
    await adminUpdates(auth, admin, id, { is_superuser: false });
    await expect.poll(async () => new Set(await statuses(token))).toEqual(new Set([403]));
  });

  test('when the user is active again, then a token from before works again', async () => {
    const { id, token } = await newMember(auth);
    await adminUpdates(auth, admin, id, { is_active: false });
    await refusedBy(gateway, token, { status: 400 });
    await adminUpdates(auth, admin, id, { is_active: true });
    await refusedBy(gateway, token, { status: 200 });
  });
});
