import { ObjectId } from 'mongodb';
import { expect, test } from 'vitest';
import { newEmail } from '../../../../tests/support/accounts.ts';
import { smtpDeskFixture } from '../../../../tests/support/fixtures.ts';
import { expectEmails, publish, queueOf, userEvent } from '../../../../tests/support/queue.ts';
import { runNotifier } from '../../../../tests/support/services.ts';
import { smtpEnv } from '../../../../tests/support/smtp.ts';

const { bed, auth, desk } = await smtpDeskFixture();
await runNotifier(bed, auth, { ...smtpEnv(desk.port), SMTP_CONNECTIONS: '5' });

const notice = (email: string) =>
  userEvent('password.changed', { user_id: new ObjectId().toHexString(), email, by: 'owner' });
const stored = (to: string) => queueOf(bed).findOne({ to });

async function sendOther(): Promise<void> {
  const other = newEmail();
  await publish(bed, notice(other));
  await expectEmails(bed, other, 'password-changed sent');
}

test('given an e-mail at which the server closes the connection, then others are sent, and its attempts count', async () => {
  const poison = newEmail();
  desk.hangUpOn(poison);
  await publish(bed, notice(poison));
  // As far as one can tell, the server is away.
  await expect
    .poll(() => stored(poison), { timeout: 10_000 })
    .toMatchObject({
      status: 'queued',
      attempts: 0,
      last_error: expect.stringMatching(/./),
      away_at: expect.any(Date),
    });
  for (let sent = 0; sent < 3; sent++) await sendOther();
  await expect.poll(async () => (await stored(poison))?.attempts, { timeout: 20_000 }).toBeGreaterThan(0);
  const blamed = await stored(poison);
  expect(Number(blamed?.due_at) - Number(blamed?.updated_at)).toBeGreaterThan(900);

  // While it is in a pause: a process that is sending it would overwrite the attempts.
  const pausing = { to: poison, held_by: null };
  const inAnHour = new Date(Date.now() + 3_600_000);
  const age = () => queueOf(bed).updateOne(pausing, { $set: { attempts: 11, due_at: inAnHour } });
  await expect.poll(async () => (await age()).modifiedCount, { timeout: 10_000 }).toBe(1);
  await sendOther();
  await queueOf(bed).updateOne({ to: poison }, { $set: { due_at: new Date() } });
  const [failed] = await expectEmails(bed, poison, 'password-changed failed');
  expect(failed).toMatchObject({ attempts: 12, last_error: expect.stringMatching(/./) });
});

test('given an e-mail that the server accepts slowly, then others that come meanwhile are sent', async () => {
  const slow = newEmail();
  const release = desk.hold(slow);
  await publish(bed, notice(slow));
  await expect.poll(() => desk.offered.filter(({ to }) => to === slow), { timeout: 10_000 }).toHaveLength(1);
  await sendOther();
  expect(await stored(slow)).toMatchObject({ status: 'queued' });
  release();
  await expectEmails(bed, slow, 'password-changed sent');
});

test('given many e-mails, then they share a few connections', async () => {
  const before = desk.connections();
  const emails = Array.from({ length: 30 }, newEmail);
  await Promise.all(emails.map((email) => publish(bed, notice(email))));
  for (const email of emails) await expectEmails(bed, email, 'password-changed sent');
  expect(desk.connections() - before).toBeLessThanOrEqual(5);
});
