import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newEmail, signUp } from '../../../../tests/support/accounts.ts';
import { storedEvents } from '../../../../tests/support/events.ts';
import { inboxFixture } from '../../../../tests/support/fixtures.ts';
import {
  allHeard,
  emailsTo,
  expectEmails,
  publish,
  queueOf,
  storedEmail,
  userEvent,
} from '../../../../tests/support/queue.ts';
import { runNotifier } from '../../../../tests/support/services.ts';
import { smtpEnv } from '../../../../tests/support/smtp.ts';

const USER_ID = '650000000000000000000001';

const { bed, auth, inbox } = await inboxFixture();
await runNotifier(bed, auth, smtpEnv(inbox.smtpPort));

describe('an e-mail as it is stored', () => {
  test('given a sent e-mail, then its document has the outcome and contains neither body nor link', async () => {
    const { id, email } = await signUp(auth.client);
    await auth.client('POST', `/password-recovery/${email}`);
    const [, recovery] = await expectEmails(bed, email, 'welcome sent', 'password-recovery sent');
    const event = (await storedEvents(bed)).find(
      ({ subject, event: { subject: about } }) => subject === 'password.reset-requested' && about === id,
    );
    expect(recovery).toEqual({
      _id: event?.event.id,
      kind: 'password-recovery',
      to: email,
      user_id: id,
      subject: `Quartet - Password recovery for user ${email}`,
      status: 'sent',
      attempts: 1,
      last_error: null,
      order: expect.any(String),
      waits: false,
      held_by: null,
      due_at: expect.any(Date),
      away_at: null,
      created_at: expect.any(Date),
      updated_at: expect.any(Date),
      sent_at: expect.any(Date),
    });
    const [, mail] = await inbox.mailsTo(email);
    expect(mail?.MessageID).toBe(`${recovery?._id}@quartet.example`);
  });
});

test('given an address in another script, then its e-mail is sent', async () => {
  const email = 'jürgen@exämple.example';
  await publish(bed, userEvent('password.changed', { user_id: USER_ID, email, by: 'owner' }));
  await expectEmails(bed, email, 'password-changed sent');
});

describe('an event that comes more than once', () => {
  test('given one after the other, then one e-mail is sent', async () => {
    const email = newEmail();
    const event = userEvent('password.changed', { user_id: USER_ID, email, by: 'owner' });
    await publish(bed, event);
    await expectEmails(bed, email, 'password-changed sent');
    await publish(bed, event, randomUUID());
    await publish(bed, event, randomUUID());
    await allHeard(bed);
    await expectEmails(bed, email, 'password-changed sent');
    expect(await inbox.mailsTo(email)).toHaveLength(1);
  });

  test('given many at once, then one e-mail is sent', async () => {
    const email = newEmail();
    const event = userEvent('user.deleted', { user_id: '650000000000000000000002', email });
    await Promise.all(Array.from({ length: 20 }, () => publish(bed, event, randomUUID())));
    await allHeard(bed);
    await expectEmails(bed, email, 'farewell sent');
    expect(await inbox.mailsTo(email)).toHaveLength(1);
  });
});

describe('an e-mail that another process has leased', () => {
  test('given a valid lease, then another process takes the e-mail over only once the lease has ended', async () => {
    const email = newEmail();
    const now = new Date();
    const due_at = new Date(now.getTime() + 60_000);
    await queueOf(bed).insertOne(storedEmail({ to: email, held_by: 'one that died', due_at }));
    const other = await signUp(auth.client);
    await expectEmails(bed, other.email, 'welcome sent');
    await expectEmails(bed, email, 'password-changed queued');
    await queueOf(bed).updateOne({ to: email }, { $set: { due_at: now } });
    await expectEmails(bed, email, 'password-changed sent');
    expect(await inbox.mailsTo(email)).toHaveLength(1);
  });
});

describe('two notifiers on one queue', () => {
  test('given 50 e-mails, then each is sent once', async () => {
    const second = await runNotifier(bed, auth, smtpEnv(inbox.smtpPort));
    const before = await inbox.count();
    const emails = Array.from({ length: 50 }, newEmail);
    const events = emails.map((email) =>
      userEvent('password.changed', { user_id: USER_ID, email, by: 'admin' }),
    );
    // Each event twice, so that both may see it.
    await Promise.all(events.flatMap((event) => [publish(bed, event), publish(bed, event, randomUUID())]));
    const sent = () => queueOf(bed).countDocuments({ to: { $in: emails }, status: 'sent' });
    await expect.poll(sent, { timeout: 20_000 }).toBe(50);
    await allHeard(bed);
    await second.stop();
    expect(await inbox.count()).toBe(before + 50);
    for (const email of emails) expect(await emailsTo(bed, email)).toMatchObject([{ attempts: 1 }]);
  });
});
