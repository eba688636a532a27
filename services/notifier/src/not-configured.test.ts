import { expect, test } from 'vitest';
import { logInAdmin, newEmail, signUp } from '../../../tests/support/accounts.ts';
import { authFixture } from '../../../tests/support/fixtures.ts';
import { expectEmails, publish, userEvent } from '../../../tests/support/queue.ts';
import { runNotifier } from '../../../tests/support/services.ts';
import { smtpEnv, startInbox } from '../../../tests/support/smtp.ts';

const { bed, auth } = await authFixture();

test('given no SMTP server or no sender, then e-mails wait with the reason until both are configured', async () => {
  const inbox = await startInbox(bed);
  const { EMAILS_FROM_EMAIL = '', ...noSender } = smtpEnv(inbox.smtpPort);
  const [first, second] = [newEmail(), newEmail()];
  const token = await logInAdmin(auth.client);

  const noServer = await runNotifier(bed, auth, { EMAILS_FROM_EMAIL, SMTP_HOST: '' });
  await signUp(auth.client, first);
  const waiting = await expectEmails(bed, first, 'welcome queued');
  expect(waiting).toMatchObject([{ last_error: 'SMTP_HOST is not set', attempts: 0 }]);
  const refused = await noServer.client('POST', `/utils/test-email/?email_to=${first}`, { token });
  expect(refused.status).toBe(503);
  expect(refused.body).toEqual({ detail: 'SMTP_HOST is not set' });
  expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  await noServer.stop();

  const nobody = await runNotifier(bed, auth, noSender);
  await signUp(auth.client, second);
  for (const email of [first, second]) {
    const emails = await expectEmails(bed, email, 'welcome queued');
    expect(emails).toMatchObject([{ last_error: 'EMAILS_FROM_EMAIL is not set' }]);
  }
  await nobody.stop();
  expect(await inbox.count()).toBe(0);

  const notifier = await runNotifier(bed, auth, smtpEnv(inbox.smtpPort));
  for (const email of [first, second]) {
    expect(await expectEmails(bed, email, 'welcome sent')).toMatchObject([{ last_error: null, attempts: 1 }]);
  }
  expect(await inbox.count()).toBe(2);
  await notifier.stop();
});

test('given no e-mail can be sent, then the e-mails of a deleted user are cancelled, in any order of events', async () => {
  const [to, user_id] = [newEmail(), '650000000000000000000009'];
  const notifier = await runNotifier(bed, auth);
  const notice = () => userEvent('password.changed', { user_id, email: to, by: 'owner' });
  await publish(bed, notice());
  await expectEmails(bed, to, 'password-changed queued');
  await publish(bed, userEvent('user.deleted', { user_id, email: to }));
  await expectEmails(bed, to, 'password-changed cancelled', 'farewell queued');
  await publish(bed, notice());
  await expectEmails(bed, to, 'password-changed cancelled', 'farewell queued', 'password-changed cancelled');
  await notifier.stop();
});
