import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { logInAdmin, newEmail } from '../../../../tests/support/accounts.ts';
import { smtpDeskFixture } from '../../../../tests/support/fixtures.ts';
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
import { SAME_KIND_PAUSE_MS } from '../service.ts';

const { bed, auth, desk } = await smtpDeskFixture();
// Two replicas, so that every rule holds across them.
const notifier = await runNotifier(bed, auth, smtpEnv(desk.port), SAME_KIND_PAUSE_MS);
await runNotifier(bed, auth, smtpEnv(desk.port), SAME_KIND_PAUSE_MS);

const newUser = () => new ObjectId().toHexString();
const notice = (email: string, user_id: string) =>
  userEvent('password.changed', { user_id, email, by: 'owner' });
const takenBy = (to: string) => desk.taken.filter((mail) => mail.to === to);

/** As if a minute had passed since the last e-mail to an address. */
async function aMinuteLater(to: string): Promise<void> {
  // One that has not been put off yet would be put off for a minute after this.
  const undecided = { to, status: 'queued', last_error: null } as const;
  await expect.poll(() => queueOf(bed).countDocuments(undecided), { timeout: 10_000 }).toBe(0);
  const before = new Date(Date.now() - SAME_KIND_PAUSE_MS);
  await queueOf(bed).updateMany({ to, status: 'sent' }, { $set: { sent_at: before, due_at: before } });
  await queueOf(bed).updateMany({ to, status: 'queued' }, { $set: { due_at: new Date() } });
}

test('then it is a minute', () => expect(SAME_KIND_PAUSE_MS).toBe(60_000));

describe('given an e-mail of a kind was just sent to an address', () => {
  test('when there is another, then it waits until a minute has passed, and one to another address does not', async () => {
    const [id, to, other] = [newUser(), newEmail(), newEmail()];
    await publish(bed, notice(to, id));
    await expectEmails(bed, to, 'password-changed sent');
    await publish(bed, notice(to, id));
    await expect
      .poll(async () => (await emailsTo(bed, to))[1], { timeout: 10_000 })
      .toMatchObject({
        status: 'queued',
        attempts: 0,
        held_by: null,
        last_error: 'one of this kind was sent within 60 s',
      });
    const [first, second] = await emailsTo(bed, to);
    expect(Number(second?.due_at) - Number(first?.sent_at)).toBe(60_000);
    await publish(bed, notice(other, newUser()));
    await expectEmails(bed, other, 'password-changed sent');
    expect(takenBy(to)).toHaveLength(1);
    await aMinuteLater(to);
    await expectEmails(bed, to, 'password-changed sent', 'password-changed sent');
    expect(takenBy(to)).toHaveLength(2);
  });

  test('when one of another kind comes, then it is sent', async () => {
    const [id, to] = [newUser(), newEmail()];
    await publish(bed, notice(to, id));
    await expectEmails(bed, to, 'password-changed sent');
    await publish(bed, userEvent('user.deleted', { user_id: id, email: to }));
    await expectEmails(bed, to, 'password-changed sent', 'farewell sent');
  });

  test('when several more come, then one waits for all of them', async () => {
    const [id, to] = [newUser(), newEmail()];
    for (const wanted of [['sent'], ['sent', 'queued'], ['sent', 'queued', 'cancelled']]) {
      await publish(bed, notice(to, id));
      await allHeard(bed);
      await expectEmails(bed, to, ...wanted.map((status) => `password-changed ${status}`));
    }
    const [, , third] = await emailsTo(bed, to);
    expect(third).toMatchObject({
      last_error: 'another e-mail of this kind was waiting already',
      attempts: 0,
      sent_at: null,
    });
    await aMinuteLater(to);
    await expectEmails(
      bed,
      to,
      ...['sent', 'sent', 'cancelled'].map((status) => `password-changed ${status}`),
    );
    expect(takenBy(to)).toHaveLength(2);
  });

  test('when many come at once, then one is sent, at most one waits, and no other is left', async () => {
    const [id, to] = [newUser(), newEmail()];
    await Promise.all(Array.from({ length: 30 }, () => publish(bed, notice(to, id))));
    await allHeard(bed);
    await expect.poll(() => takenBy(to), { timeout: 10_000 }).toHaveLength(1);
    const left = async () => (await emailsTo(bed, to)).filter(({ status }) => status !== 'cancelled').length;
    await expect.poll(left, { timeout: 10_000 }).toBeLessThanOrEqual(2);
    expect(await emailsTo(bed, to)).toHaveLength(30);
    await aMinuteLater(to);
    const waiting = () => queueOf(bed).countDocuments({ to, status: 'queued' });
    await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
    expect(takenBy(to).length).toBeLessThanOrEqual(2);
  });

  test('when several were leased together, then one is left', async () => {
    const [user_id, to] = [newUser(), newEmail()];
    await publish(bed, notice(to, user_id));
    await expectEmails(bed, to, 'password-changed sent');
    const later = [1, 2, 3].map((at) => storedEmail({ to, user_id, created_at: new Date(Date.now() + at) }));
    await queueOf(bed).insertMany(later);
    const left = () => queueOf(bed).countDocuments({ to, status: 'queued' });
    await expect.poll(left, { timeout: 10_000 }).toBe(1);
    expect(takenBy(to)).toHaveLength(1);
  });

  test('when it is for another user who has the address now, then both are sent in the end', async () => {
    const to = newEmail();
    await publish(bed, notice(to, newUser()));
    await publish(bed, notice(to, newUser()));
    await expectEmails(bed, to, 'password-changed sent', 'password-changed queued');
    await aMinuteLater(to);
    await expectEmails(bed, to, 'password-changed sent', 'password-changed sent');
  });
});

test('given test e-mails that are sent again, then each is sent at once', async () => {
  const to = newEmail();
  const again = [1, 2].map(() => storedEmail({ kind: 'test', user_id: null, to }));
  await queueOf(bed).insertMany(again);
  await expectEmails(bed, to, 'test sent', 'test sent');
  expect(takenBy(to)).toHaveLength(2);
});

test('given test e-mails, then each is sent at once', async () => {
  const to = newEmail();
  const token = await logInAdmin(auth.client);
  for (const count of [1, 2, 3]) {
    const answer = await notifier.client('POST', `/utils/test-email/?email_to=${to}`, { token });
    expect(answer.status).toBe(201);
    expect(takenBy(to)).toHaveLength(count);
  }
});
