import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logInAdmin, newEmail, newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { ADMIN, type Client, logIn } from '../../../../tests/support/client.ts';
import { documentOf } from '../../../../tests/support/events.ts';
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

describe('reading oneself', () => {
  test('given a caller, then /me, its own id and test-token answer the same user', async () => {
    const { token, password: _, ...user } = await newMember(auth);
    for (const path of ['/users/me', '/users/me/', `/users/${user.id}`]) {
      const answer = await auth('GET', path, { token });
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(user);
    }
  });
});

describe.each(['PATCH', 'PUT'])('%s /users/me', (method) => {
  const update = (token: string, body: unknown) => auth(method, '/users/me', { token, body });

  test('given a name, then it is set, other fields stay, and updated_at changes', async () => {
    const { token, password: _, ...user } = await newMember(auth);
    const { body } = await update(token, { full_name: 'New Name' });
    expect(body).toEqual({ ...user, full_name: 'New Name', updated_at: expect.any(String) });
    expect(Date.parse((body as typeof user).updated_at)).toBeGreaterThan(Date.parse(user.updated_at));
    expect((await auth('GET', '/users/me', { token })).body).toEqual(body);
  });

  test('given null and empty values, then null clears the name, "" is kept, and a null address stays', async () => {
    const { token, email } = await newMember(auth);
    await update(token, { full_name: 'Name' });
    expect((await update(token, {})).body).toMatchObject({ full_name: 'Name', email });
    expect((await update(token, { email: null })).body).toMatchObject({ full_name: 'Name', email });
    expect((await update(token, { full_name: '' })).body).toMatchObject({ full_name: '' });
    expect((await update(token, { full_name: null })).body).toMatchObject({ full_name: null });
  });

  test('given roles, a password and other fields, then they are ignored', async () => {
    const { token, email, id } = await newMember(auth);
    const more = { is_superuser: true, is_active: false, password: 'password2', id: 'x', token_version: 9 };
    const answer = await update(token, more);
    expect(answer.body).toMatchObject({ id, is_superuser: false, is_active: true });
    expect(await logIn(auth, email, PASSWORD)).toBeTruthy();
  });

  test('given nothing new, then nothing is written', async () => {
    const { token, email, id } = await newMember(auth);
    const before = await documentOf(bed, 'users', id);
    const answer = await update(token, { email: ` ${email.toUpperCase()}`, full_name: null });
    expect(answer).toMatchObject({ status: 200, body: { email } });
    expect(await documentOf(bed, 'users', id)).toMatchObject({
      revision: before?.revision,
      updated_at: before?.updated_at,
    });
  });

  test('given a new address in capitals, then only the new address can log in, and the session stays valid', async () => {
    const { token, email: before } = await newMember(auth);
    const email = newEmail();
    expect(await update(token, { email: ` ${email.toUpperCase()} ` })).toMatchObject({
      status: 200,
      body: { email },
    });
    expect((await auth('GET', '/users/me', { token })).status).toBe(200);
    expect(await logIn(auth, email, PASSWORD)).toBeTruthy();
    await expect(logIn(auth, before, PASSWORD)).rejects.toThrow('400');
  });

  test("given somebody else's address, then 409 and nothing changes", async () => {
    const [one, two] = [await newMember(auth), await newMember(auth)];
    const answer = await update(one.token, { email: two.email.toUpperCase(), full_name: 'No' });
    expect(answer).toMatchObject({ status: 409, body: { detail: 'User with this email already exists' } });
    expect((await auth('GET', '/users/me', { token: one.token })).body).toMatchObject({
      email: one.email,
      full_name: null,
    });
  });

  test('given two users who change to one address at once, then one gets it and the other a 409', async () => {
    for (let round = 0; round < 5; round += 1) {
      const racers = [await newMember(auth), await newMember(auth)];
      const email = newEmail();
      const answers = await Promise.all(racers.map(({ token }) => update(token, { email })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    }
  });
});

test('given 100 updates of one user at once, then each of them succeeds', async () => {
  const { id, token } = await newMember(auth);
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      auth('PATCH', '/users/me', { token, body: { full_name: `Name ${n}` } }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(await documentOf(bed, 'users', id)).toMatchObject({ revision: 100 });
});

describe('DELETE /users/me', () => {
  test('given an ordinary user, then it is deleted, and its address is free', async () => {
    const { token, email, id } = await newMember(auth);
    expect(await auth('DELETE', '/users/me', { token })).toMatchObject({
      status: 200,
      body: { message: 'User deleted successfully' },
    });
    expect(await auth('DELETE', '/users/me', { token })).toMatchObject({
      status: 404,
      body: { detail: 'User not found' },
    });
    expect((await auth('GET', `/users/${id}`, { token: admin })).status).toBe(404);
    expect((await newMember(auth, email)).id).not.toBe(id);
  });

  test('given 10 requests at once, then one deletes the user and nine get a 404', async () => {
    const { token } = await newMember(auth);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => auth('DELETE', '/users/me', { token })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(404)]);
  });

  test('given a superuser, then 403 and it stays', async () => {
    expect(await auth('DELETE', '/users/me', { token: admin })).toMatchObject({
      status: 403,
      body: { detail: 'Super users are not allowed to delete themselves' },
    });
    expect((await auth('GET', '/users/me', { token: admin })).body).toMatchObject({ email: ADMIN.email });
  });
});
