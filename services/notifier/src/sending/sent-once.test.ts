import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ObjectId } from 'mongodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newEmail } from '../../../../tests/support/accounts.ts';
import { smtpDeskFixture } from '../../../../tests/support/fixtures.ts';
import { expectEmails, publish, queueOf, storedEmail, userEvent } from '../../../../tests/support/queue.ts';
import { runNotifier } from '../../../../tests/support/services.ts';
import { refusal, smtpEnv } from '../../../../tests/support/smtp.ts';
import { startTcpProxy } from '../../../../tests/support/tcp-proxy.ts';

const { bed, auth, desk } = await smtpDeskFixture();
const network = await startTcpProxy(bed, bed.env.MONGODB_URL ?? '');
const brokerNetwork = await startTcpProxy(bed, bed.brokerEngine.url);
const env = { ...smtpEnv(desk.port), MONGODB_URL: network.url };

/** A notifier as a process of its own. */
function startProcess(more: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [`${import.meta.dirname}/../main.ts`], {
    env: { PATH: process.env.PATH, ...bed.env, AUTH_URL: auth.url, ...env, ...more },
    stdio: 'ignore',
  });
  bed.stopLater(async () => void child.kill('SIGKILL'));
  return child;
}

/** The e-mail is taken by the SMTP server, and what the notifier then wants to write does not reach the database. */
async function takenAndNotRecorded(to: string): Promise<string> {
  const release = desk.hold(to);
  const event = userEvent('password.changed', {
    user_id: new ObjectId().toHexString(),
    email: to,
    by: 'owner',
  });
  await publish(bed, event);
  await expect.poll(() => desk.offered.filter((mail) => mail.to === to), { timeout: 20_000 }).toHaveLength(1);
  // Looks for more to send, and heartbeats, may come before it.
  const recording = network.cut('sent_at');
  release();
  await recording;
  return event.id;
}

const takenBy = (to: string) => desk.taken.filter((mail) => mail.to === to);

test('given a process killed between the 250 and its record, then the e-mail is sent again under the same id', async () => {
  const to = newEmail();
  const child = startProcess();
  const eventId = await takenAndNotRecorded(to);
  child.kill('SIGKILL');
  await once(child, 'exit');
  network.mend();
  await expectEmails(bed, to, 'password-changed queued');
  const next = await runNotifier(bed, auth, smtpEnv(desk.port));
  // Its lease would end by itself.
  await queueOf(bed).updateOne({ to }, { $set: { due_at: new Date() } });
  const [email] = await expectEmails(bed, to, 'password-changed sent');
  expect(email).toMatchObject({ _id: eventId, attempts: 1 });
  expect(takenBy(to).map((mail) => mail.eventId)).toEqual([eventId, eventId]);
  await next.stop();
});

test('given a database away between the 250 and its record, then the e-mail is recorded later and not sent again', async () => {
  const to = newEmail();
  const notifier = await runNotifier(bed, auth, env);
  await takenAndNotRecorded(to);
  network.mend();
  const [email] = await expectEmails(bed, to, 'password-changed sent');
  expect(email).toMatchObject({ attempts: 1, held_by: null });
  expect(takenBy(to)).toHaveLength(1);
  await notifier.stop();
});

describe('given a lease that ended in an outage while the e-mail is being sent', () => {
  /** The same process has taken it once more when this resolves, and the SMTP server answers it when the result is called. */
  async function takenTwice(to: string): Promise<() => void> {
    const release = desk.hold(to);
    await queueOf(bed).insertOne(storedEmail({ to }));
    await expect.poll(() => offeredTo(to), { timeout: 20_000 }).toBe(1);
    // What is due later goes out, so that this one had its turn before.
    const [later, now] = [newEmail(), new Date()];
    await queueOf(bed).updateOne({ to }, { $set: { due_at: new Date(now.getTime() - 1_000) } });
    await queueOf(bed).insertOne(storedEmail({ to: later, due_at: now }));
    await expectEmails(bed, later, 'password-changed sent');
    return release;
  }
  const offeredTo = (to: string) => desk.offered.filter((mail) => mail.to === to).length;

  test('when it is accepted, then the same process does not send it again', async () => {
    const to = newEmail();
    const notifier = await runNotifier(bed, auth, env);
    const release = await takenTwice(to);
    release();
    await expectEmails(bed, to, 'password-changed sent');
    await notifier.stop();
    expect(offeredTo(to)).toBe(1);
  });

  test('when it is refused temporarily, then it is tried again without a wait for another lease', async () => {
    const to = newEmail();
    const notifier = await runNotifier(bed, auth, env);
    desk.refuse(to, refusal(451, 'later'));
    const release = await takenTwice(to);
    release();
    await expectEmails(bed, to, 'password-changed sent');
    expect(offeredTo(to)).toBe(2);
    await notifier.stop();
  });
});

test('given a start that fails because the broker stops, then no e-mail was leased', async () => {
  const to = newEmail();
  onTestFinished(desk.hold(to));
  await queueOf(bed).insertOne(storedEmail({ to }));
  const asksForConsumer = brokerNetwork.cutAt(`${bed.broker.names.eventStream}.notifier`);
  const child = startProcess({ NATS_URL: brokerNetwork.url });
  const ended = once(child, 'exit');
  await asksForConsumer;
  expect(await ended).toEqual([1, null]);
  brokerNetwork.mend();
  expect(desk.offered.filter((mail) => mail.to === to)).toEqual([]);
  const [email] = await expectEmails(bed, to, 'password-changed queued');
  expect(email).toMatchObject({ held_by: null });
});

test('given the broker stops once the notifier listens, then the start continues when it is back', async () => {
  const to = newEmail();
  await queueOf(bed).insertOne(storedEmail({ to }));
  const registers = brokerNetwork.cutAt(`${bed.broker.names.routes}.notifier`);
  const starting = runNotifier(bed, auth, { ...env, NATS_URL: brokerNetwork.url });
  await registers;
  brokerNetwork.mend();
  const notifier = await starting;
  await expectEmails(bed, to, 'password-changed sent');
  expect(takenBy(to)).toHaveLength(1);
  await notifier.stop();
});
