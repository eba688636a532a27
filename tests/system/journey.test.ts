import { ItemsService, LoginService, UsersService, UtilsService } from '@quartet/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN } from '../support/client.ts';
import { tokenIn, waitForMail } from '../support/inbox.ts';
import { type ApiClient, createApiClient, logIn } from './api-client.ts';
import { type Stack, startStack } from './stack.ts';

let stack: Stack;
let visitor: ApiClient;

beforeAll(async () => {
  stack = await startStack(['--items', '3']);
  visitor = createApiClient(stack.api);
});
afterAll(() => stack?.stop());

describe('a user', () => {
  const email = 'ada@example.com';
  let ada: ApiClient;

  test('signs up and gets a welcome e-mail', async () => {
    const body = { email: ' Ada@Example.com', password: 'a first password', full_name: 'Ada' };
    const { data, response } = await UsersService.registerUser({ client: visitor, body });
    expect(response?.status).toBe(200);
    expect(data).toMatchObject({ email, full_name: 'Ada', is_active: true, is_superuser: false });
    const mail = await waitForMail(stack.inbox, email, 'Welcome');
    expect(mail.Subject).toBe('Quartet - Welcome');
    expect(mail.HTML).toContain(`href="http://localhost:${new URL(stack.api).port}"`);
  });

  test('logs in and creates items', async () => {
    ada = await logIn(stack.api, email, 'a first password');
    const body = { title: 'first' };
    const { data: made } = await ItemsService.createItem({ client: ada, body, throwOnError: true });
    expect(made).toMatchObject({ title: 'first', description: null });
    const { id } = made;
    await ItemsService.updateItem({ client: ada, path: { id }, body: { description: 'described' } });
    const { data: listed } = await ItemsService.readItems({ client: ada });
    expect(listed).toMatchObject({ count: 1, data: [{ id, title: 'first', description: 'described' }] });
  });

  test('recovers the password by the link in an e-mail; all sessions end', async () => {
    await LoginService.recoverPassword({ client: visitor, path: { email } });
    const token = tokenIn(await waitForMail(stack.inbox, email, 'Password recovery'));
    const reset = { client: visitor, body: { token, new_password: 'a second password' } };
    expect((await LoginService.resetPassword(reset)).data).toEqual({
      message: 'Password updated successfully',
    });
    expect((await LoginService.resetPassword(reset)).error).toEqual({ detail: 'Invalid token' });
    await waitForMail(stack.inbox, email, 'Your password was changed');
    const formerSession = ada;
    await expect.poll(() => statusOf(ItemsService.readItems({ client: formerSession }))).toBe(403);
    ada = await logIn(stack.api, email, 'a second password');
    expect(await statusOf(UsersService.readUserMe({ client: ada }))).toBe(200);
  });
});

describe('an admin', () => {
  let admin: ApiClient;

  test('invites a user, who sets a password by the link', async () => {
    admin = await logIn(stack.api, ADMIN.email, ADMIN.password);
    const body = { email: 'invited@example.com', password: 'set by the admin' };
    await UsersService.createUser({ client: admin, body });
    const mail = await waitForMail(stack.inbox, body.email, 'New account');
    expect(mail.Text).not.toContain(body.password);
    const reset = { token: tokenIn(mail), new_password: 'chosen by the user' };
    expect(await statusOf(LoginService.resetPassword({ client: visitor, body: reset }))).toBe(200);
    await logIn(stack.api, body.email, 'chosen by the user');
  });

  test('sends a test e-mail and reads a recovery e-mail', async () => {
    const query = { email_to: 'ops@example.com' };
    const { data, response } = await UtilsService.testEmail({ client: admin, query });
    expect(response?.status).toBe(201);
    expect(data).toEqual({ message: 'Test email sent' });
    await waitForMail(stack.inbox, 'ops@example.com', 'Test email');
    const path = { email: 'ada@example.com' };
    const shown = await LoginService.recoverPasswordHtmlContent({ client: admin, path });
    expect(shown.response?.headers.get('subject')).toBe(
      'Quartet - Password recovery for user ada@example.com',
    );
    expect(shown.data).toContain('/reset-password?token=');
  });

  test('deactivates and promotes users, with effect before a new login', async () => {
    const ada = await logIn(stack.api, 'ada@example.com', 'a second password');
    const { data: me } = await UsersService.readUserMe({ client: ada, throwOnError: true });
    const user = { client: admin, path: { user_id: me.id } };
    await UsersService.updateUser({ ...user, body: { is_active: false } });
    await expect.poll(() => statusOf(ItemsService.readItems({ client: ada }))).toBe(400);
    await UsersService.updateUser({ ...user, body: { is_active: true, is_superuser: true } });
    await expect.poll(() => statusOf(UsersService.readUsers({ client: ada }))).toBe(200);
  });

  test('deletes a user: the session and the items end, the address is free, and a farewell is sent', async () => {
    const ada = await logIn(stack.api, 'ada@example.com', 'a second password');
    const { data: me } = await UsersService.readUserMe({ client: ada, throwOnError: true });
    expect(await statusOf(UsersService.deleteUser({ client: admin, path: { user_id: me.id } }))).toBe(200);
    await expect.poll(() => statusOf(ItemsService.readItems({ client: ada }))).toBe(404);
    await waitForMail(stack.inbox, 'ada@example.com', 'Your account was deleted');
    const itemsLeft = async () => (await ItemsService.readItems({ client: admin })).data;
    await expect.poll(itemsLeft, { timeout: 10_000 }).toEqual({ data: [], count: 0, next_cursor: null });
    const again = { email: 'ada@example.com', password: 'a third password' };
    expect(await statusOf(UsersService.registerUser({ client: visitor, body: again }))).toBe(200);
  });
});

async function statusOf(call: Promise<{ response?: Response }>): Promise<number | undefined> {
  return (await call).response?.status;
}
