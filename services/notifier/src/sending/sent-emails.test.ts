import { describe, expect, test } from 'vitest';
import { adminUpdates, newEmail, newMember, signUp } from '../../../../tests/support/accounts.ts';
import { ADMIN, logIn } from '../../../../tests/support/client.ts';
import { allPublished } from '../../../../tests/support/events.ts';
import { inboxFixture } from '../../../../tests/support/fixtures.ts';
import { allHeard, emailsTo, expectEmails, publish, userEvent } from '../../../../tests/support/queue.ts';
import { runAuth, runNotifier } from '../../../../tests/support/services.ts';
import { smtpEnv } from '../../../../tests/support/smtp.ts';
import type { Message } from '../../../../tools/mail-catcher/mailpit.ts';

const FRONTEND = 'https://app.example';
const PROJECT = 'Tëst & Co <1>';
const NAME = 'Mallory https://evil.example';

const { bed, auth, inbox, admin } = await inboxFixture();
await runNotifier(bed, auth, {
  ...smtpEnv(inbox.smtpPort),
  FRONTEND_HOST: `${FRONTEND}/`,
  PROJECT_NAME: PROJECT,
});

const firstLinks = ({ HTML, Text }: Message) => ({
  html: /<a\s[^>]*href="([^"]*)"/.exec(HTML)?.[1],
  text: /https?:\/\/\S+/.exec(Text)?.[0],
});

/** The newest e-mail to an address, once as many as named have come; what all e-mails have in common is checked. */
async function newestOf(to: string, ...kinds: string[]): Promise<Message> {
  await expectEmails(bed, to, ...kinds.map((kind) => `${kind} sent`));
  const mails = await inbox.mailsTo(to);
  expect(mails).toHaveLength(kinds.length);
  const mail = mails.at(-1) ?? expect.fail();
  expect(mail.To).toEqual([{ Name: '', Address: to }]);
  expect([mail.Cc, mail.Bcc]).toEqual([[], []]);
  expect(mail.From).toEqual({ Name: PROJECT, Address: 'no-reply@quartet.example' });
  expect(mail.Text.length).toBeGreaterThan(50);
  expect(mail.HTML).toMatch(/<html/);
  expect(mail.HTML).toContain('Tëst &amp; Co &lt;1&gt;');
  expect(mail.HTML + mail.Text).not.toMatch(/Mallory|evil|undefined|\{\{/);
  return mail;
}

function tokenOf(mail: Message, wanted = 'reset-password'): string {
  const { html, text } = firstLinks(mail);
  expect(html).toBe(text);
  const [page, token] = (text ?? '').split('?token=');
  expect(page).toBe(`${FRONTEND}/${wanted}`);
  return token ?? expect.fail();
}

const reset = (token: string, new_password: string) =>
  auth.client('POST', '/reset-password/', { body: { token, new_password } });

describe('each e-mail is sent on its event', () => {
  test('given a sign-up, then a welcome is sent', async () => {
    const email = newEmail();
    const body = { email, password: 'password1', full_name: NAME };
    await auth.client('POST', '/users/signup', { body });
    const mail = await newestOf(email, 'welcome');
    expect(mail.Subject).toBe(`${PROJECT} - Welcome`);
    expect(firstLinks(mail)).toEqual({ html: FRONTEND, text: FRONTEND });
  });

  test('given a user made by an admin, then an invitation is sent whose link sets the password once', async () => {
    const email = newEmail();
    const body = { email, password: 'chosen by admin', full_name: NAME };
    await auth.client('POST', '/users/', { token: admin, body });
    const mail = await newestOf(email, 'invitation');
    expect(mail.Subject).toBe(`${PROJECT} - New account for user ${email}`);
    expect(mail.HTML + mail.Text).not.toContain('chosen by admin');
    const token = tokenOf(mail);
    expect((await reset(token, 'my own one')).status).toBe(200);
    expect(await logIn(auth.client, email, 'my own one')).toBeTruthy();
    expect((await reset(token, 'another one')).status).toBe(400);
    await newestOf(email, 'invitation', 'password-changed');
  });

  test('given a recovery request, then a link is sent that works once', async () => {
    const { email } = await signUp(auth.client);
    await auth.client('POST', `/password-recovery/${email.toUpperCase()}`);
    const mail = await newestOf(email, 'welcome', 'password-recovery');
    expect(mail.Subject).toBe(`${PROJECT} - Password recovery for user ${email}`);
    const token = tokenOf(mail);
    expect((await reset(token, 'a new password')).status).toBe(200);
    expect((await reset(token, 'a newer password')).status).toBe(400);
    const notice = await newestOf(email, 'welcome', 'password-recovery', 'password-changed');
    expect(notice.Subject).toBe(`${PROJECT} - Your password was changed`);
    const page = `${FRONTEND}/recover-password`;
    expect(firstLinks(notice)).toEqual({ html: page, text: page });
  });

  test('given a password changed by its owner or an admin, then a notice is sent each time', async () => {
    const { id, email, token } = await newMember(auth.client);
    const body = { current_password: 'password1', new_password: 'password2' };
    await auth.client('PATCH', '/users/me/password', { token, body });
    await newestOf(email, 'welcome', 'password-changed');
    await adminUpdates(auth.client, admin, id, { password: 'password3' });
    await newestOf(email, 'welcome', 'password-changed', 'password-changed');
  });

  test('given a changed address, then the old one gets a notice, and its link restores it and sends a recovery e-mail', async () => {
    const { email, token, id } = await newMember(auth.client);
    await newestOf(email, 'welcome');
    const changed = newEmail();
    const body = { email: changed, full_name: NAME };
    expect((await auth.client('PATCH', '/users/me', { token, body })).status).toBe(200);
    const notice = await newestOf(email, 'welcome', 'email-changed');
    expect(notice.Subject).toBe(`${PROJECT} - Your email address was changed`);
    expect(notice.HTML + notice.Text).not.toContain(changed);
    expect(notice.Text).toContain('expires after 72 hours');
    const undo = { body: { token: tokenOf(notice, 'undo-email-change') } };
    const undone = await auth.client('POST', '/users/undo-email-change', undo);
    expect(undone).toMatchObject({ status: 200, body: { id, email } });
    const recovery = await newestOf(email, 'welcome', 'email-changed', 'password-recovery');
    expect((await reset(tokenOf(recovery), 'a new password')).status).toBe(200);
    expect(await logIn(auth.client, email, 'a new password')).toBeTruthy();
    await allHeard(bed);
    expect(await emailsTo(bed, changed)).toEqual([]);
  });

  test('given two changes by an admin, then each former address gets a notice, and the first link still works', async () => {
    const { email, id } = await signUp(auth.client);
    await newestOf(email, 'welcome');
    const [second, third] = [newEmail(), newEmail()];
    for (const next of [second, third]) await adminUpdates(auth.client, admin, id, { email: next });
    const theirs = tokenOf(await newestOf(second, 'email-changed'), 'undo-email-change');
    const own = tokenOf(await newestOf(email, 'welcome', 'email-changed'), 'undo-email-change');
    const undo = (token: string) => auth.client('POST', '/users/undo-email-change', { body: { token } });
    expect(await undo(own)).toMatchObject({ status: 200, body: { email } });
    expect((await undo(theirs)).status).toBe(400);
  });

  test('given guessed passwords, then a warning is sent that links to recovery', async () => {
    const { id, email } = await signUp(auth.client);
    // A sign-up is answered before the broker has its event.
    await allPublished(bed, 'users');
    await publish(bed, userEvent('password.guessing-detected', { user_id: id, email, failures: 10 }));
    const mail = await newestOf(email, 'welcome', 'password-guessing');
    expect(mail.Subject).toBe(`${PROJECT} - Somebody is trying to guess your password`);
    const page = `${FRONTEND}/recover-password`;
    expect(firstLinks(mail)).toEqual({ html: page, text: page });
  });

  test('given 20 wrong passwords over two replicas, then the owner gets one e-mail', async () => {
    const limited = [await runAuth(bed, { RATE_LIMITS: 'on' }), await runAuth(bed, { RATE_LIMITS: 'on' })];
    const { email } = await signUp(auth.client);
    await allPublished(bed, 'users');
    const tries = Array.from({ length: 20 }, (_, n) =>
      limited[n % 2]?.client('POST', '/login/access-token', {
        form: { username: email, password: 'wrong pass' },
      }),
    );
    await Promise.race(tries);
    await newestOf(email, 'welcome', 'password-guessing');
    // Those that wait for their turn end with their services.
    await Promise.all(limited.map(({ stop }) => stop()));
    await Promise.all(tries);
    await allHeard(bed);
    await newestOf(email, 'welcome', 'password-guessing');
  });

  test('given a deletion by the user or an admin, then a farewell without a link is sent', async () => {
    const one = await newMember(auth.client);
    const other = await newMember(auth.client);
    for (const { email } of [one, other]) await newestOf(email, 'welcome');
    await auth.client('DELETE', '/users/me', { token: one.token });
    await auth.client('DELETE', `/users/${other.id}`, { token: admin });
    for (const { email } of [one, other]) {
      const mail = await newestOf(email, 'welcome', 'farewell');
      expect(mail.Subject).toBe(`${PROJECT} - Your account was deleted`);
      expect(firstLinks(mail)).toEqual({ html: undefined, text: undefined });
    }
  });
});

describe('no e-mail is sent on other events', () => {
  test('given the first superuser and a user made privately, then there is no e-mail', async () => {
    const email = newEmail();
    await auth.client('POST', '/private/users/', { body: { email, password: 'password1', full_name: 'P' } });
    await allHeard(bed);
    expect(await emailsTo(bed, email)).toEqual([]);
    expect(await emailsTo(bed, ADMIN.email)).toEqual([]);
  });

  test('given changes of name, role or activation, then there is no e-mail', async () => {
    const { id, email } = await signUp(auth.client);
    await adminUpdates(auth.client, admin, id, { full_name: 'New', is_superuser: true });
    await adminUpdates(auth.client, admin, id, { is_active: false });
    // An inactive user, an unknown address and what is none are answered alike and get nothing.
    for (const to of [email, 'nobody@example.com', 'nonsense']) {
      expect((await auth.client('POST', `/password-recovery/${to}`)).status).toBe(200);
    }
    await allHeard(bed);
    await expectEmails(bed, email, 'welcome sent');
    expect(await emailsTo(bed, 'nobody@example.com')).toEqual([]);
  });

  test('given a changed address, then later e-mails go to the new one', async () => {
    const { id, email } = await signUp(auth.client);
    const changed = newEmail();
    await newestOf(email, 'welcome');
    await adminUpdates(auth.client, admin, id, { email: changed });
    await auth.client('POST', `/password-recovery/${changed}`);
    await newestOf(changed, 'password-recovery');
    await newestOf(email, 'welcome', 'email-changed');
  });
});

test('given all that was sent, then no token, link or address is in the logs', async () => {
  const lines = bed.logLines().map((line) => JSON.stringify(line));
  expect(lines.filter((line) => line.includes('e-mail sent')).length).toBeGreaterThan(5);
  for (const line of lines)
    expect(line).not.toMatch(/eyJ|reset-password\?|undo-email-change\?|token=|@example\.com|password1/);
});
