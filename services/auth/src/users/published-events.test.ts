import { requestLink } from '@quartet/common/events/user-request.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adminUpdates,
  logInAdmin,
  newEmail,
  newMember,
  PASSWORD,
  signUp,
  type UserBody,
} from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import { allWishesTold, documentOf, eventsAbout, storedEvents } from '../../../../tests/support/events.ts';
import { shownLink } from '../../../../tests/support/forged-tokens.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed)).client;
  admin = await logInAdmin(auth);
});
afterAll(() => bed.stop());

const eventsOf = async (id: string) =>
  (await eventsAbout(bed, 'users', id)).map(({ event }) => [event.type, event.data] as const);

describe('a new user', () => {
  test.each([
    ['/users/signup', 'signup', {}],
    ['/private/users/', 'private', { full_name: 'P' }],
    ['/users/', 'admin', { is_superuser: true, is_active: false }],
  ])('given one made by %s, then one user.created says %s', async (path, origin, more) => {
    const email = newEmail();
    const answer = await auth('POST', path, { token: admin, body: { email, password: PASSWORD, ...more } });
    const { id, is_active, is_superuser } = answer.body as UserBody;
    const data = { user_id: id, email, is_active, is_superuser, origin };
    expect(await eventsOf(id)).toEqual([['user.created', data]]);
    expect(await documentOf(bed, 'users', id)).toMatchObject({ outbox: [] });
  });

  test('given the first superuser, then its event says that it was seeded', async () => {
    const { id, email } = (await auth('GET', '/users/me', { token: admin })).body as UserBody;
    const data = { user_id: id, email, is_active: true, is_superuser: true, origin: 'seed' };
    expect(await eventsOf(id)).toContainEqual(['user.created', data]);
  });
});

describe('a change', () => {
  const about = (user: UserBody) => ({
    user_id: user.id,
    email: user.email,
    is_active: true,
    is_superuser: false,
  });

  test('given changed fields, then one user.updated event names them', async () => {
    const user = await newMember(auth);
    const email = newEmail();
    await auth('PATCH', '/users/me', { token: user.token, body: { full_name: 'Name', email: user.email } });
    await auth('PATCH', '/users/me', { token: user.token, body: { full_name: 'Name' } });
    await auth('PUT', '/users/me', { token: user.token, body: { email } });
    expect((await eventsOf(user.id)).slice(1)).toEqual([
      ['user.updated', { ...about(user), is_verified: false, changed: ['full_name'] }],
      [
        'user.updated',
        { ...about(user), is_verified: false, email, changed: ['email'], previous_email: user.email },
      ],
    ]);
  });

  test('given an admin who changes a password and all other fields, then password.changed follows user.updated', async () => {
    const user = await signUp(auth);
    await adminUpdates(auth, admin, user.id, { is_active: false, is_superuser: true, password: 'password2' });
    expect((await eventsOf(user.id)).slice(1)).toEqual([
      [
        'user.updated',
        {
          ...about(user),
          ...{ is_active: false, is_superuser: true, is_verified: false },
          changed: ['is_active', 'is_superuser'],
        },
      ],
      ['password.changed', { user_id: user.id, email: user.email, by: 'admin' }],
    ]);
  });

  test('given a password changed by its owner and by a link, then password.changed says by whom', async () => {
    const member = await newMember(auth);
    const { id, email, token } = member;
    const body = { current_password: PASSWORD, new_password: 'password2' };
    await auth('PATCH', '/users/me/password', { token, body });
    const link = await requestLink(bed.broker, shownLink(bed, email));
    const reset = { token: link.found && link.token, new_password: 'password3' };
    await auth('POST', '/reset-password/', { body: reset });
    expect((await eventsOf(id)).slice(1)).toEqual([
      ['password.changed', { user_id: id, email, by: 'owner' }],
      ['user.updated', { ...about(member), is_verified: true, changed: ['is_verified'] }],
      ['password.changed', { user_id: id, email, by: 'link' }],
    ]);
  });

  test('given 30 changes at once, then there are 30 events, each once', async () => {
    const { id, token } = await newMember(auth);
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        auth('PATCH', '/users/me', { token, body: { full_name: `Name ${n}` } }),
      ),
    );
    const events = await eventsAbout(bed, 'users', id);
    expect(events).toHaveLength(31);
    expect(new Set(events.map(({ event }) => event.id)).size).toBe(31);
  });

  test('given refused changes, then there is no event', async () => {
    const { id, token } = await newMember(auth);
    const taken = await signUp(auth);
    await auth('PATCH', '/users/me', { token, body: { email: taken.email } });
    await auth('PATCH', '/users/me', { token, body: { full_name: 1 } });
    const body = { current_password: 'password2', new_password: 'password3' };
    await auth('PATCH', '/users/me/password', { token, body });
    expect((await eventsOf(id)).map(([type]) => type)).toEqual(['user.created']);
  });
});

describe('a deletion', () => {
  test.each(['by the owner', 'by an admin'])(
    'given %s, then user.deleted is published and no document is left',
    async (by) => {
      const { id, email, token } = await newMember(auth);
      if (by === 'by the owner') await auth('DELETE', '/users/me', { token });
      else await auth('DELETE', `/users/${id}`, { token: admin });
      expect((await eventsOf(id)).slice(1)).toEqual([['user.deleted', { user_id: id, email }]]);
      expect(await documentOf(bed, 'users', id)).toBeNull();
    },
  );
});

test('given a traceparent, then it travels in the header of every event that the request caused', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const body = { email: newEmail(), password: PASSWORD };
  const traced = await auth('POST', '/users/signup', { body, headers: { traceparent } });
  const { id } = traced.body as UserBody;
  const untraced = await auth('PATCH', `/users/${id}`, {
    token: admin,
    body: { full_name: 'x' },
    headers: { traceparent: 'nonsense' },
  });
  expect(untraced.status).toBe(200);
  await auth('POST', `/password-recovery/${body.email}`, { headers: { traceparent } });
  await allWishesTold(bed);
  await auth('DELETE', `/users/${id}`, { token: admin, headers: { traceparent } });
  const stored = await eventsAbout(bed, 'users', id);
  expect(stored.map(({ event, traceparent: given }) => [event.type, given])).toEqual([
    ['user.created', traceparent],
    ['user.updated', ''],
    ['password.reset-requested', traceparent],
    ['user.deleted', traceparent],
  ]);
  for (const { text } of stored) expect(text).not.toContain('traceparent');
});

test('given all operations with passwords and tokens, then none is in the stream or the log', async () => {
  const secrets = ['correct-horse-1', 'correct-horse-2', 'correct-horse-3'];
  const [first = '', second = '', third = ''] = secrets;
  const { id, email, token } = await newMember(auth, newEmail(), first);
  const fields = { current_password: first, new_password: second };
  await auth('PATCH', '/users/me/password', { token, body: fields });
  await auth('PATCH', '/users/me/password', { token, body: fields });
  await auth('POST', '/users/signup', { body: { email, password: first, full_name: [] } });
  await auth('POST', '/users/signup', { raw: `{"password":"${first}"` });
  await auth('POST', `/password-recovery/${email}`);
  await allWishesTold(bed);
  const link = await requestLink(bed.broker, shownLink(bed, email));
  const linkToken = link.found ? link.token : '';
  for (let n = 0; n < 2; n += 1)
    await auth('POST', '/reset-password/', { body: { token: linkToken, new_password: third } });
  await auth('GET', '/users/me', { token: linkToken });
  const session = await logIn(auth, email, third);
  const hash = String((await documentOf(bed, 'users', id))?.hashed_password);
  expect(hash).toMatch(/^\$2b\$/);
  await auth('DELETE', '/users/me', { token: session });
  expect((await eventsOf(id)).map(([type]) => type)).toHaveLength(6);
  const written = [...(await storedEvents(bed)).map(({ text }) => text), JSON.stringify(bed.logLines())].join(
    '\n',
  );
  expect(written).toContain('users-update_password_me');
  for (const secret of [
    ...secrets,
    linkToken,
    session,
    token,
    hash,
    String(bed.env.SECRET_KEY),
    'changethis"',
  ]) {
    expect(secret.length).toBeGreaterThan(8);
    expect(written.includes(secret), secret.slice(0, 20)).toBe(false);
  }
});
