import { afterEach, beforeEach, expect, test } from 'vitest';
import { logInAdmin, newMember, type UserBody } from '../../../tests/support/accounts.ts';
import { ADMIN, logIn } from '../../../tests/support/client.ts';
import { allPublished, storedEvents } from '../../../tests/support/events.ts';
import { runAuth } from '../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../tests/support/testbed.ts';

let bed: Testbed;

beforeEach(async () => {
  bed = await startTestbed();
});
afterEach(() => bed.stop());

const superusers = () => bed.database.db.collection('users').countDocuments({ is_superuser: true });

test('given an empty database, when three services start at once, then one superuser is created, with one event', async () => {
  const replicas = await Promise.all([runAuth(bed), runAuth(bed), runAuth(bed)]);
  expect(await bed.database.db.collection('users').countDocuments()).toBe(1);
  for (const { client } of replicas) {
    const token = await logInAdmin(client);
    expect((await client('GET', '/users/me', { token })).body).toMatchObject({
      email: ADMIN.email,
      is_superuser: true,
      is_active: true,
      full_name: null,
    });
  }
  await allPublished(bed, 'users');
  expect((await storedEvents(bed)).map(({ event }) => event.type)).toEqual(['user.created']);
});

test('given the configured address in capitals, then it is stored in one form', async () => {
  const auth = await runAuth(bed, { FIRST_SUPERUSER: ' Boss@Example.com ' });
  expect(await logIn(auth.client, 'boss@example.com', ADMIN.password)).toBeTruthy();
});

test('given a superuser, when a service starts later, then it creates none and changes nothing', async () => {
  const first = await runAuth(bed);
  const token = await logInAdmin(first.client);
  const body = { current_password: ADMIN.password, new_password: 'another password' };
  await first.client('PATCH', '/users/me/password', { token, body });
  await runAuth(bed, { FIRST_SUPERUSER_PASSWORD: 'a third password' });
  expect(await superusers()).toBe(1);
  expect(await logIn(first.client, ADMIN.email, 'another password')).toBeTruthy();
});

test('given that the first superuser took another address, when a service starts, then it creates none', async () => {
  const { client } = await runAuth(bed);
  const token = await logInAdmin(client);
  await client('PATCH', '/users/me', { token, body: { email: 'boss@example.com' } });
  await Promise.all([runAuth(bed), runAuth(bed)]);
  expect(await bed.database.db.collection('users').countDocuments()).toBe(1);
});

test('given that its address belongs to an ordinary user, when a service starts, then that user stays ordinary', async () => {
  const { client } = await runAuth(bed);
  const token = await logInAdmin(client);
  await client('PATCH', '/users/me', { token, body: { email: 'boss@example.com' } });
  const squatter = await newMember(client, ADMIN.email);
  const boss = (await client('GET', '/users/me', { token })).body as UserBody;
  await client('PATCH', `/users/${boss.id}`, { token, body: { is_superuser: false } });
  await runAuth(bed);
  expect(await superusers()).toBe(0);
  expect((await client('GET', '/users/me', { token: squatter.token })).body).toMatchObject({
    is_superuser: false,
  });
});

test('given default secrets in local, then the start warns and names them', async () => {
  await runAuth(bed);
  const warning = bed.logLines().find(({ msg }) => msg === 'secrets still read "changethis"');
  expect(warning).toMatchObject({ level: 40, variables: ['FIRST_SUPERUSER_PASSWORD'] });
});
