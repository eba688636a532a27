import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, type Client, createClient, logIn } from '../support/client.ts';
import { tokenIn, waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

/** What users and admins do, through the gateway of a stack that was started as `npm start` starts it. */
let stack: Stack;
let call: Client;

beforeAll(async () => {
  stack = await startStack(['--items', '3']);
  call = createClient(stack.api);
});
afterAll(() => stack?.stop());

describe('a user', () => {
  const email = 'ada@example.com';
  let token: string;

  test('signs up and is welcomed by e-mail', async () => {
    const body = { email: ' Ada@Example.com', password: 'a first password', full_name: 'Ada' };
    const { status, body: user } = await call('POST', '/users/signup', { body });
    expect(status).toBe(200);
    expect(user).toMatchObject({ email, full_name: 'Ada', is_active: true, is_superuser: false });
    const mail = await waitForMail(stack.inbox, email, 'Welcome');
    expect(mail.Subject).toBe('Quartet - Welcome');
    expect(mail.HTML).toContain('href="http://localhost:5173"');
  });

  test('logs in and keeps items', async () => {
    token = await logIn(call, email, 'a first password');
    const made = await call('POST', '/items/', { token, body: { title: 'first' } });
    expect(made.body).toMatchObject({ title: 'first', description: null });
    const { id } = made.body as { id: string };
    await call('PUT', `/items/${id}`, { token, body: { description: 'described' } });
    const listed = await call('GET', '/items/', { token });
    expect(listed.body).toMatchObject({ count: 1, data: [{ id, title: 'first', description: 'described' }] });
  });

  test('recovers the password by the link in an e-mail; all sessions end', async () => {
    await call('POST', `/password-recovery/${email}`);
    const link = tokenIn(await waitForMail(stack.inbox, email, 'Password recovery'));
    const reset = { token: link, new_password: 'a second password' };
    expect((await call('POST', '/reset-password/', { body: reset })).body).toEqual({
      message: 'Password updated successfully',
    });
    expect((await call('POST', '/reset-password/', { body: reset })).body).toEqual({
      detail: 'Invalid token',
    });
    await waitForMail(stack.inbox, email, 'Your password was changed');
    await expect.poll(async () => (await call('GET', '/items/', { token })).status).toBe(403);
    token = await logIn(call, email, 'a second password');
    expect((await call('GET', '/users/me', { token })).status).toBe(200);
  });
});

describe('an admin', () => {
  let admin: string;

  test('invites a user, who sets a password by the link', async () => {
    admin = await logIn(call, ADMIN.email, ADMIN.password);
    const body = { email: 'invited@example.com', password: 'set by the admin' };
    await call('POST', '/users/', { token: admin, body });
    const mail = await waitForMail(stack.inbox, body.email, 'New account');
    expect(mail.Text).not.toContain(body.password);
    const reset = { token: tokenIn(mail), new_password: 'chosen by the user' };
    expect((await call('POST', '/reset-password', { body: reset })).status).toBe(200);
    await logIn(call, body.email, 'chosen by the user');
  });

  test('sends a test e-mail and reads a recovery e-mail', async () => {
    const sent = await call('POST', '/utils/test-email/?email_to=ops@example.com', { token: admin });
    expect(sent).toMatchObject({ status: 201, body: { message: 'Test email sent' } });
    await waitForMail(stack.inbox, 'ops@example.com', 'Test email');
    const shown = await call('POST', '/password-recovery-html-content/ada@example.com', { token: admin });
    expect(shown.headers.get('subject')).toBe('Quartet - Password recovery for user ada@example.com');
    expect(shown.text).toContain('/reset-password?token=');
  });

  test('deactivates and promotes; it counts at once, without a new login', async () => {
    const token = await logIn(call, 'ada@example.com', 'a second password');
    const me = await call('GET', '/users/me', { token });
    const path = `/users/${(me.body as { id: string }).id}`;
    const statusOf = async (url: string) => (await call('GET', url, { token })).status;
    await call('PATCH', path, { token: admin, body: { is_active: false } });
    await expect.poll(() => statusOf('/items/')).toBe(400);
    await call('PATCH', path, { token: admin, body: { is_active: true, is_superuser: true } });
    await expect.poll(() => statusOf('/users/')).toBe(200);
  });

  test('deletes a user: the session, the items and the address go, and a farewell is sent', async () => {
    const token = await logIn(call, 'ada@example.com', 'a second password');
    const me = await call('GET', '/users/me', { token });
    const { id } = me.body as { id: string };
    expect((await call('DELETE', `/users/${id}`, { token: admin })).status).toBe(200);
    await expect.poll(async () => (await call('GET', '/items/', { token })).status).toBe(404);
    await waitForMail(stack.inbox, 'ada@example.com', 'Your account was deleted');
    const itemsLeft = async () => (await call('GET', '/items/', { token: admin })).body;
    await expect.poll(itemsLeft, { timeout: 10_000 }).toEqual({ data: [], count: 0 });
    const again = { email: 'ada@example.com', password: 'a third password' };
    expect((await call('POST', '/users/signup', { body: again })).status).toBe(200);
  });
});
