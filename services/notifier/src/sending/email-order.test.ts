import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { newEmail } from '../../../../tests/support/accounts.ts';
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
import { refusal, smtpEnv } from '../../../../tests/support/smtp.ts';
import { leaseEnd } from '../emails/email.ts';

const OLD = ['old-1@example.com', 'old-2@example.com'];

const { bed, auth, desk } = await smtpDeskFixture();
for (const to of OLD) {
  const { order, waits, held_by, away_at, ...old } = storedEmail({ to });
  await bed.database.db.collection<{ _id: string }>('emails').insertOne(old);
}
// Two replicas, so that every rule holds across them.
await runNotifier(bed, auth, smtpEnv(desk.port));
await runNotifier(bed, auth, smtpEnv(desk.port));

const newUser = () => new ObjectId().toHexString();
const welcome = (user_id: string, email: string) =>
  userEvent('user.created', {
    user_id,
    email,
    is_active: true,
    is_superuser: false,
    origin: 'signup',
  });
const notice = (email: string, user_id = newUser()) =>
  userEvent('password.changed', { user_id, email, by: 'owner' });
const farewell = (user_id: string, email: string) => userEvent('user.deleted', { user_id, email });
const takenBy = (to: string) => desk.taken.filter((mail) => mail.to === to);
const offeredTo = (to: string) => desk.offered.filter((mail) => mail.to === to);
/** Publishes events, the others once the first one's e-mail is offered: another replica may be quicker with the second. */
async function publishInOrder(to: string, [first, ...others]: ReturnType<typeof notice>[]): Promise<void> {
  await publish(bed, first ?? expect.fail());
  await expect.poll(() => offeredTo(to).length, { timeout: 10_000 }).toBeGreaterThan(0);
  for (const event of others) await publish(bed, event);
}

describe('e-mails to one address', () => {
  test('given several, then they are sent one by one in the order of their events, and other addresses do not wait', async () => {
    const [to, other] = [newEmail(), newEmail()];
    const release = desk.hold(to);
    const events = Array.from({ length: 10 }, () => notice(to));
    await publishInOrder(to, events);
    await publish(bed, notice(other));
    await allHeard(bed);
    await expectEmails(bed, other, 'password-changed sent');
    expect(offeredTo(to)).toHaveLength(1);
    release();
    await expectEmails(bed, to, ...events.map(() => 'password-changed sent'));
    expect(takenBy(to).map(({ eventId }) => eventId)).toEqual(events.map(({ id }) => id));
  });

  test('given the first is delayed, then the later ones wait for it', async () => {
    const to = newEmail();
    desk.refuse(to, refusal(451, 'greylisted'));
    const events = [notice(to), notice(to)];
    await publishInOrder(to, events);
    await expectEmails(bed, to, 'password-changed sent', 'password-changed sent');
    const [first, second] = events.map(({ id }) => id);
    expect(offeredTo(to).map(({ eventId }) => eventId)).toEqual([first, first, second]);
  });

  test('given the first fails, then the next is sent', async () => {
    const to = newEmail();
    const release = desk.hold(to);
    desk.refuse(to, refusal(550, 'not this one'));
    await publishInOrder(to, [notice(to), notice(to)]);
    await allHeard(bed);
    release();
    await expectEmails(bed, to, 'password-changed failed', 'password-changed sent');
  });

  test('given an older one that arrives late, then it is sent before one that is in a pause', async () => {
    const to = newEmail();
    const inAnHour = new Date(Date.now() + 3_600_000);
    const young = storedEmail({ to, due_at: inAnHour, order: '9' });
    await queueOf(bed).insertOne(young);
    const event = notice(to);
    await publish(bed, event);
    const ids = () => takenBy(to).map(({ eventId }) => eventId);
    await expect.poll(ids, { timeout: 10_000 }).toEqual([event.id]);
    expect(await queueOf(bed).findOne({ _id: young._id })).toMatchObject({ status: 'queued', attempts: 0 });
  });
});

test('given an older one that arrives late, then it waits for one that is being sent', async () => {
  const to = newEmail();
  const release = desk.hold(to);
  await publish(bed, notice(to));
  await expect.poll(() => offeredTo(to), { timeout: 10_000 }).toHaveLength(1);
  const older = storedEmail({ to, order: '0' });
  await queueOf(bed).insertOne(older);
  await expect
    .poll(() => queueOf(bed).findOne({ _id: older._id }), { timeout: 10_000 })
    .toMatchObject({ waits: true, held_by: null });
  expect(offeredTo(to)).toHaveLength(1);
  release();
  await expectEmails(bed, to, 'password-changed sent', 'password-changed sent');
});

describe('when a notifier has died', () => {
  test('before it woke the next, then that one is sent once it is due', async () => {
    const to = newEmail();
    await queueOf(bed).insertOne(storedEmail({ to, waits: true }));
    await expectEmails(bed, to, 'password-changed sent');
  });

  test('with a leased e-mail, then the next waits until the lease has ended, and is sent after it', async () => {
    const to = newEmail();
    const first = storedEmail({ to, order: '1', held_by: 'one that died', due_at: leaseEnd(new Date()) });
    const next = storedEmail({ to, order: '2' });
    await queueOf(bed).insertMany([first, next]);
    await expect
      .poll(() => queueOf(bed).findOne({ _id: next._id }), { timeout: 10_000 })
      .toMatchObject({ waits: true, held_by: null });
    expect(offeredTo(to)).toEqual([]);
    await queueOf(bed).updateOne({ _id: first._id }, { $set: { due_at: new Date() } });
    await expect
      .poll(() => takenBy(to).map(({ eventId }) => eventId), { timeout: 10_000 })
      .toEqual([first._id, next._id]);
  });
});

test('given e-mails of a version without order, then they are sent', async () => {
  for (const to of OLD) await expectEmails(bed, to, 'password-changed sent');
});

describe('given a deleted user', () => {
  test('when a welcome is being sent, then the farewell is sent after it', async () => {
    const [id, to] = [newUser(), newEmail()];
    const release = desk.hold(to);
    await publish(bed, welcome(id, to));
    await expect.poll(() => offeredTo(to), { timeout: 10_000 }).toHaveLength(1);
    await publish(bed, farewell(id, to));
    await allHeard(bed);
    await expectEmails(bed, to, 'welcome queued', 'farewell queued');
    expect(offeredTo(to)).toHaveLength(1);
    release();
    await expectEmails(bed, to, 'welcome sent', 'farewell sent');
    const subjects = takenBy(to).map(({ subject }) => subject);
    expect(subjects).toEqual(['Quartet - Welcome', 'Quartet - Your account was deleted']);
  });

  test('when a welcome that is being sent is delayed, then it is not tried again', async () => {
    const [id, to] = [newUser(), newEmail()];
    const release = desk.hold(to);
    desk.refuse(to, refusal(451, 'greylisted'));
    await publish(bed, welcome(id, to));
    await expect.poll(() => offeredTo(to), { timeout: 10_000 }).toHaveLength(1);
    await publish(bed, farewell(id, to));
    await allHeard(bed);
    release();
    await expectEmails(bed, to, 'welcome cancelled', 'farewell sent');
    expect(takenBy(to)).toHaveLength(1);
  });

  test('when the welcome comes after the farewell, then it is cancelled', async () => {
    const [id, to] = [newUser(), newEmail()];
    await publish(bed, farewell(id, to));
    await expectEmails(bed, to, 'farewell sent');
    await publish(bed, welcome(id, to));
    const [, late] = await expectEmails(bed, to, 'farewell sent', 'welcome cancelled');
    expect(late).toMatchObject({ last_error: 'the user is gone', attempts: 0 });
    expect(takenBy(to)).toHaveLength(1);
  });

  test('when both reach several notifiers at once, then no welcome follows a farewell', async () => {
    const users = Array.from({ length: 20 }, () => ({ id: newUser(), to: newEmail() }));
    await Promise.all(
      users.flatMap(({ id, to }) => [publish(bed, farewell(id, to)), publish(bed, welcome(id, to))]),
    );
    await allHeard(bed);
    for (const { to } of users) {
      const states = async () => (await emailsTo(bed, to)).map(({ status }) => status).toSorted();
      await expect.poll(states, { timeout: 10_000 }).not.toContain('queued');
      expect(takenBy(to).at(-1)?.subject).toBe('Quartet - Your account was deleted');
    }
  });

  test('when a notifier died before it cancelled, then the check before sending finds it', async () => {
    const [id, to] = [newUser(), newEmail()];
    await publish(bed, farewell(id, to));
    await expectEmails(bed, to, 'farewell sent');
    await queueOf(bed).insertOne(storedEmail({ to, user_id: id }));
    await expectEmails(bed, to, 'farewell sent', 'password-changed cancelled');
    expect(takenBy(to)).toHaveLength(1);
  });
});
