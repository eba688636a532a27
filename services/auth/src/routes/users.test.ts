import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  logInAdmin,
  newEmail,
  newMember,
  PASSWORD,
  signUp,
  type UserBody,
} from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: Client;
let admin: string;
let adminId: string;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed)).client;
  admin = await logInAdmin(auth);
  adminId = ((await auth('GET', '/users/me', { token: admin })).body as UserBody).id;
});
afterAll(() => bed.stop());

const NOBODY = 'ffffffffffffffffffffffff';

describe('GET /users/{user_id}', () => {
  test('given a superuser, then any user is shown, and an unknown id is a 404', async () => {
    const user = await signUp(auth);
    const answer = await auth('GET', `/users/${user.id}`, { token: admin });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(user);
    expect(await auth('GET', `/users/${NOBODY}`, { token: admin })).toMatchObject({
      status: 404,
      body: { detail: 'User not found' },
    });
  });

  test('given an ordinary user, then the ids of others and unknown ids give the same 403', async () => {
    const { token } = await newMember(auth);
    for (const id of [adminId, NOBODY]) {
      expect(await auth('GET', `/users/${id}`, { token })).toMatchObject({
        status: 403,
        body: { detail: "The user doesn't have enough privileges" },
      });
    }
  });
});

describe.each(['PATCH', 'PUT'])('%s /users/{user_id}', (method) => {
  const update = (id: string, body: unknown) => auth(method, `/users/${id}`, { token: admin, body });

  test('given every field, then all are set and shown', async () => {
    const user = await signUp(auth);
    const fields = { email: newEmail(), is_active: false, is_superuser: true, full_name: 'New' };
    const answer = await update(user.id, { ...fields, password: 'password2', unknown: 1 });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...user, ...fields, updated_at: expect.any(String) });
    expect((await auth('GET', `/users/${user.id}`, { token: admin })).body).toEqual(answer.body);
  });

  test('given null for all, then only the name is cleared; given no field, then nothing changes', async () => {
    const user = await signUp(auth);
    const named = (await update(user.id, { full_name: 'Name', is_superuser: true })).body;
    expect((await update(user.id, {})).body).toEqual(named);
    const nulls = { email: null, password: null, is_active: null, is_superuser: null };
    expect((await update(user.id, nulls)).body).toEqual(named);
    expect((await update(user.id, { full_name: '' })).body).toMatchObject({ full_name: '' });
    const cleared = (await update(user.id, { ...nulls, full_name: null })).body;
    expect(cleared).toEqual({ ...(named as UserBody), full_name: null, updated_at: expect.any(String) });
    expect(await logIn(auth, user.email, PASSWORD)).toBeTruthy();
  });

  test('given an unknown id, then 404, also with a taken address', async () => {
    const unknown = { status: 404, body: { detail: 'The user with this id does not exist in the system' } };
    const { email } = await signUp(auth);
    expect(await update(NOBODY, {})).toMatchObject(unknown);
    expect(await update(NOBODY, { email })).toMatchObject(unknown);
    const gone = await signUp(auth);
    await auth('DELETE', `/users/${gone.id}`, { token: admin });
    expect(await update(gone.id, { full_name: 'x' })).toMatchObject(unknown);
  });

  test("given somebody else's address, then 409; given its own in capitals, then 200", async () => {
    const [one, two] = [await signUp(auth), await signUp(auth)];
    expect(await update(one.id, { email: ` ${two.email.toUpperCase()}` })).toMatchObject({
      status: 409,
      body: { detail: 'User with this email already exists' },
    });
    expect(await update(one.id, { email: one.email.toUpperCase() })).toMatchObject({
      status: 200,
      body: one,
    });
  });
});

describe('DELETE /users/{user_id}', () => {
  const remove = (id: string) => auth('DELETE', `/users/${id}`, { token: admin });

  test('given a user, then it is deleted, and a second deletion is a 404', async () => {
    const { id, email } = await signUp(auth);
    expect(await remove(id)).toMatchObject({ status: 200, body: { message: 'User deleted successfully' } });
    expect(await remove(id)).toMatchObject({ status: 404, body: { detail: 'User not found' } });
    expect(await remove(NOBODY)).toMatchObject({ status: 404, body: { detail: 'User not found' } });
    await expect(logIn(auth, email, PASSWORD)).rejects.toThrow('Incorrect email or password');
  });

  test('given the own id, then 403 and the superuser stays', async () => {
    expect(await remove(adminId)).toMatchObject({
      status: 403,
      body: { detail: 'Super users are not allowed to delete themselves' },
    });
    expect((await auth('GET', '/users/me', { token: admin })).status).toBe(200);
  });

  test('given another superuser, then it can be deleted', async () => {
    const body = { email: newEmail(), password: PASSWORD, is_superuser: true };
    const other = (await auth('POST', '/users/', { token: admin, body })).body as UserBody;
    expect((await remove(other.id)).status).toBe(200);
  });
});
