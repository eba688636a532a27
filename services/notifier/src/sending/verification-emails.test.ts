import { expect, test } from 'vitest';
import { adminUpdates, logInAdmin, newEmail, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import { allWishesTold } from '../../../../tests/support/events.ts';
import { fixture } from '../../../../tests/support/fixtures.ts';
import { allHeard, emailsTo, expectEmails, publish, userEvent } from '../../../../tests/support/queue.ts';
import {
  addressesOf,
  runAuth,
  runGateway,
  runItems,
  runNotifier,
} from '../../../../tests/support/services.ts';
import { smtpEnv, startInbox } from '../../../../tests/support/smtp.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import type { Message } from '../../../../tools/mail-catcher/mailpit.ts';

const FRONTEND = 'https://app.example';

type Settings = { EMAIL_VERIFICATION?: string; WELCOME_EMAIL?: string };

/** All services behind a gateway, and an inbox. */
async function startAll(bed: Testbed, settings: Settings) {
  const inbox = await startInbox(bed);
  const auth = await runAuth(bed, { ...settings });
  const mail = { ...smtpEnv(inbox.smtpPort), FRONTEND_HOST: FRONTEND };
  const [items, notifier] = [
    await runItems(bed, auth),
    await runNotifier(bed, auth, { ...mail, ...settings }),
  ];
  const gateway = await runGateway(bed, addressesOf({ auth, items, notifier }));
  return { bed, inbox, call: gateway.client, admin: await logInAdmin(gateway.client) };
}

type All = Awaited<ReturnType<typeof startAll>>;

const required = await fixture((bed) => startAll(bed, { EMAIL_VERIFICATION: 'required' }));

/** For a test with other settings. */
async function withSettings(settings: Settings, use: (all: All) => Promise<void>): Promise<void> {
  const bed = await startTestbed();
  try {
    await use(await startAll(bed, settings));
  } finally {
    await bed.stop();
  }
}

const firstLink = ({ HTML, Text }: Message): string => {
  const html = /<a\s[^>]*href="([^"]*)"/.exec(HTML)?.[1];
  expect(html).toBe(/https?:\/\/\S+/.exec(Text)?.[0]);
  return html ?? expect.fail('no link');
};

/** The newest e-mail to an address, once the named ones were sent and no others. */
async function newestOf({ bed, inbox }: All, to: string, ...kinds: string[]): Promise<Message> {
  await expectEmails(bed, to, ...kinds.map((kind) => `${kind} sent`));
  const mails = await inbox.mailsTo(to);
  expect(mails).toHaveLength(kinds.length);
  return mails.at(-1) ?? expect.fail('no e-mail');
}

const tokenIn = (mail: Message, page = 'verify-email'): string => {
  const [path, token] = firstLink(mail).split('?token=');
  expect(path).toBe(`${FRONTEND}/${page}`);
  return token ?? expect.fail('no token');
};

const verify = (call: Client, token: string) => call('POST', '/users/verify-email', { body: { token } });
const enter = (call: Client, username: string) =>
  call('POST', '/login/access-token', { form: { username, password: PASSWORD } });

test('given `required` and a sign-up, then the first link of the welcome verifies and lets the user in', async () => {
  const { call } = required;
  const { email } = await signUp(call);
  expect(await enter(call, email)).toMatchObject({ status: 400, body: { detail: 'Email not verified' } });
  const mail = await newestOf(required, email, 'welcome');
  expect(mail.Subject).toBe('Quartet - Welcome');
  expect(mail.Text).toContain('expires after 48 hours');
  const answer = await verify(call, tokenIn(mail));
  expect(answer).toMatchObject({ status: 200, body: { email, is_verified: true } });
  expect((await enter(call, email)).status).toBe(200);
});

test('given a request for another link, then verify-email is sent, unless the address is verified', async () => {
  const { bed, call } = required;
  const { email } = await signUp(call);
  await newestOf(required, email, 'welcome');
  const ask = () => call('POST', '/users/verification-email', { body: { email } });
  expect((await ask()).status).toBe(200);
  const mail = await newestOf(required, email, 'welcome', 'verify-email');
  expect(mail.Subject).toBe('Quartet - Verify your email');
  expect((await verify(call, tokenIn(mail))).status).toBe(200);
  expect((await ask()).status).toBe(200);
  await allWishesTold(bed);
  await allHeard(bed);
  await newestOf(required, email, 'welcome', 'verify-email');
});

test('given a changed address, then the new one gets a link and the old one a notice, once each', async () => {
  const { bed, call } = required;
  const { email, id } = await signUp(call);
  await verify(call, tokenIn(await newestOf(required, email, 'welcome')));
  const token = await logIn(call, email, PASSWORD);
  const next = newEmail();
  const answer = await call('PATCH', '/users/me', { token, body: { email: next } });
  expect(answer.body).toMatchObject({ email: next, is_verified: false });
  const notice = await newestOf(required, email, 'welcome', 'email-changed');
  const mail = await newestOf(required, next, 'verify-email');
  const [stored] = await emailsTo(bed, next);
  expect(stored?._id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  // The event comes once more, as after a crash.
  const data = { user_id: id, email: next, is_active: true, is_superuser: false, is_verified: false };
  const again = userEvent('user.updated', { ...data, changed: ['email'], previous_email: email });
  await publish(bed, { ...again, id: stored?.event_id ?? expect.fail('no event') }, 'once more');
  await allHeard(bed);
  await newestOf(required, next, 'verify-email');
  expect((await verify(call, tokenIn(mail))).status).toBe(200);
  expect((await enter(call, next)).status).toBe(200);
  // Its link restores an address that its owner has verified, and needs no other.
  const undo = { token: tokenIn(notice, 'undo-email-change') };
  const undone = await call('POST', '/users/undo-email-change', { body: undo });
  expect(undone).toMatchObject({ status: 200, body: { email, is_verified: true } });
  await allHeard(bed);
  await newestOf(required, email, 'welcome', 'email-changed', 'password-recovery');
});

test('given an administrator changes an address, then the new one gets a link too', async () => {
  const { call, admin } = required;
  const { email, id } = await signUp(call);
  const next = newEmail();
  await newestOf(required, email, 'welcome');
  await adminUpdates(call, admin, id, { email: next });
  await newestOf(required, email, 'welcome', 'email-changed');
  expect((await verify(call, tokenIn(await newestOf(required, next, 'verify-email')))).status).toBe(200);
});

test('given an invitation and `required`, then its link verifies', async () => {
  const { call, admin } = required;
  const email = newEmail();
  await call('POST', '/users/', { token: admin, body: { email, password: 'chosen by admin' } });
  const token = tokenIn(await newestOf(required, email, 'invitation'), 'reset-password');
  const reset = await call('POST', '/reset-password/', { body: { token, new_password: PASSWORD } });
  expect(reset.status).toBe(200);
  expect((await enter(call, email)).status).toBe(200);
});

test('given `optional` and no welcome, then verify-email takes its place, and nothing is refused', async () => {
  await withSettings({ EMAIL_VERIFICATION: 'optional', WELCOME_EMAIL: 'off' }, async (all) => {
    const { email } = await signUp(all.call);
    expect((await enter(all.call, email)).status).toBe(200);
    const answer = await verify(all.call, tokenIn(await newestOf(all, email, 'verify-email')));
    expect(answer).toMatchObject({ status: 200, body: { is_verified: true } });
  });
});

test('given neither, then a sign-up gets no e-mail, and a changed address only the notice', async () => {
  await withSettings({ WELCOME_EMAIL: 'off' }, async (all) => {
    const { email, id } = await signUp(all.call);
    const next = newEmail();
    await adminUpdates(all.call, all.admin, id, { email: next });
    await newestOf(all, email, 'email-changed');
    // The template's own browser tests read the first e-mail that comes.
    await all.call('POST', `/password-recovery/${next}`);
    await newestOf(all, next, 'password-recovery');
  });
});

test('given the defaults, then the welcome is the template’s, without a link that verifies', async () => {
  await withSettings({}, async (all) => {
    const { email } = await signUp(all.call);
    expect(firstLink(await newestOf(all, email, 'welcome'))).toBe(FRONTEND);
  });
});

test('given a welcome that waits until its user is verified, then it is sent without a link', async () => {
  const { bed, call } = required;
  const body = { email: newEmail(), password: PASSWORD, full_name: 'P', is_verified: true };
  const { body: made } = await call('POST', '/private/users/', { body });
  const { id: user_id, email } = made as { id: string; email: string };
  const data = { user_id, email, is_active: true, is_superuser: false, origin: 'signup' } as const;
  await publish(bed, userEvent('user.created', data));
  expect(firstLink(await newestOf(required, email, 'welcome'))).toBe(FRONTEND);
});
