import { beforeEach, describe, expect, test } from 'vitest';
import { adminUpdates, newEmail, signUp } from '../../../../tests/support/accounts.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { allHeard, expectEmails, queueOf } from '../../../../tests/support/queue.ts';
import { type Running, runAuth, runNotifier } from '../../../../tests/support/services.ts';
import { freeSmtpPort, type Inbox, smtpEnv, startInbox } from '../../../../tests/support/smtp.ts';

let notifier: Running;
let port: number;

const { bed, auth: first, admin } = await authFixture();
let auth = first;
beforeEach(async () => {
  port = await freeSmtpPort();
  notifier = await runNotifier(bed, auth, smtpEnv(port));
  return () => notifier.stop();
});

/** The SMTP server comes back, and the e-mail that is last to go out goes out. */
async function sendWaiting(): Promise<Inbox> {
  await allHeard(bed);
  const inbox = await startInbox(bed, port);
  const { email } = await signUp(auth.client);
  await expectEmails(bed, email, 'welcome sent');
  return inbox;
}

describe('given e-mails that wait for the SMTP server', () => {
  test('when their user is deleted meanwhile, then they are cancelled and a farewell is sent', async () => {
    const { id, email } = await signUp(auth.client);
    await auth.client('POST', `/password-recovery/${email}`);
    await expectEmails(bed, email, 'welcome queued', 'password-recovery queued');
    await auth.client('DELETE', `/users/${id}`, { token: admin });
    const emails = await expectEmails(
      bed,
      email,
      'welcome cancelled',
      'password-recovery cancelled',
      'farewell queued',
    );
    expect(emails[0]).toMatchObject({ last_error: 'the user is gone', sent_at: null });
    const inbox = await sendWaiting();
    await expectEmails(bed, email, 'welcome cancelled', 'password-recovery cancelled', 'farewell sent');
    expect((await inbox.mailsTo(email)).map(({ Subject }) => Subject)).toEqual([
      'Quartet - Your account was deleted',
    ]);
  });

  test('when the password changes meanwhile, then the link works now, for a whole link’s life', async () => {
    const { id, email } = await signUp(auth.client);
    await auth.client('POST', `/password-recovery/${email}`);
    await expectEmails(bed, email, 'welcome queued', 'password-recovery queued');
    // From here on a link made before is dead.
    await adminUpdates(auth.client, admin, id, { password: 'set by an admin' });
    const inbox = await sendWaiting();
    await expectEmails(bed, email, 'welcome sent', 'password-recovery sent', 'password-changed sent');
    const [, mail] = await inbox.mailsTo(email);
    const token = /token=([\w.-]+)/.exec(mail?.Text ?? '')?.[1];
    const body = { token, new_password: 'set by the link' };
    expect((await auth.client('POST', '/reset-password/', { body })).status).toBe(200);
  });

  test('when the address changes meanwhile, then the old address gets no link that sets a password', async () => {
    const { id, email } = await signUp(auth.client);
    const changed = newEmail();
    await auth.client('POST', `/password-recovery/${email}`);
    await expectEmails(bed, email, 'welcome queued', 'password-recovery queued');
    await adminUpdates(auth.client, admin, id, { email: changed });
    // Somebody else has the old address now: it is theirs, but the link is not.
    await signUp(auth.client, email);
    const inbox = await sendWaiting();
    const wanted = ['welcome sent', 'password-recovery cancelled', 'email-changed sent', 'welcome sent'];
    await expectEmails(bed, email, ...wanted);
    const mails = await inbox.mailsTo(email);
    const subjects = ['Welcome', 'Your email address was changed', 'Welcome'];
    expect(mails.map(({ Subject }) => Subject)).toEqual(subjects.map((subject) => `Quartet - ${subject}`));
    expect(mails.map(({ Text }) => Text).join()).not.toContain('reset-password');
    expect(await inbox.mailsTo(changed)).toEqual([]);
  });
});

describe('given auth is away when a link is needed', () => {
  test('when it is back, then the e-mail is sent, and e-mails without a link did not wait', async () => {
    const { email } = await signUp(auth.client);
    await auth.client('POST', `/password-recovery/${email}`);
    await expectEmails(bed, email, 'welcome queued', 'password-recovery queued');
    await allHeard(bed);
    await auth.stop();
    const inbox = await startInbox(bed, port);
    await expectEmails(bed, email, 'welcome sent', 'password-recovery queued');
    await expect
      .poll(() => queueOf(bed).findOne({ to: email, kind: 'password-recovery' }), { timeout: 10_000 })
      .toMatchObject({ status: 'queued', attempts: 0, last_error: expect.stringMatching(/./) });
    auth = await runAuth(bed);
    await expectEmails(bed, email, 'welcome sent', 'password-recovery sent');
    const [, mail] = await inbox.mailsTo(email);
    const token = /token=([\w.-]+)/.exec(mail?.Text ?? '')?.[1];
    const body = { token, new_password: 'after the outage' };
    expect((await auth.client('POST', '/reset-password/', { body })).status).toBe(200);
  });
});
