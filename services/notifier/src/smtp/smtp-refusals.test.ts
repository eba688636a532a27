import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { logInAdmin, newEmail } from '../../../../tests/support/accounts.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { expectEmails, publish, queueOf, userEvent } from '../../../../tests/support/queue.ts';
import { runNotifier } from '../../../../tests/support/services.ts';
import { refusal, smtpEnv, startSmtpServer } from '../../../../tests/support/smtp.ts';

const USER_ID = '650000000000000000000001';

/** What the server says to a recipient, once for each entry; it says nothing until a promise is kept. */
type Replies = (Error | Promise<undefined>)[];
const toRecipient = new Map<string, Replies>();
const toMessage = new Map<string, Replies>();
const taken: { to: string; messageId: string | undefined }[] = [];
const offered: string[] = [];

const { bed, auth } = await authFixture();
const server = await startSmtpServer(bed, {
  async onRcptTo({ address }, _session, callback) {
    callback(await toRecipient.get(address)?.shift());
  },
  async onData(stream, { envelope }, callback) {
    const raw = await text(stream);
    const to = envelope.rcptTo[0]?.address ?? '';
    const messageId = /^Message-ID: (.*)\r$/im.exec(raw)?.[1];
    offered.push(`${to} ${messageId}`);
    const err = await toMessage.get(to)?.shift();
    if (!err) taken.push({ to, messageId });
    callback(err);
  },
});
const notifier = await runNotifier(bed, auth, smtpEnv(server.port));

const notice = (email: string) => userEvent('password.changed', { user_id: USER_ID, email, by: 'owner' });
const offeredTo = (to: string) => offered.filter((line) => line.startsWith(`${to} `));

describe('an e-mail that the server will never accept', () => {
  test('given a refused recipient, then it fails at once with the reply of the server', async () => {
    const email = newEmail();
    toRecipient.set(email, [refusal(550, 'no such mailbox here'), refusal(550, 'asked again')]);
    await publish(bed, notice(email));
    const [failed] = await expectEmails(bed, email, 'password-changed failed');
    expect(failed).toMatchObject({ attempts: 1, sent_at: null });
    expect(failed?.last_error).toContain('550 no such mailbox here');
  });

  test('given a refused message, then it fails at once with the reply of the server', async () => {
    const email = newEmail();
    toMessage.set(email, [refusal(554, 'this is spam')]);
    await publish(bed, notice(email));
    const [failed] = await expectEmails(bed, email, 'password-changed failed');
    expect(failed).toMatchObject({ attempts: 1 });
    expect(failed?.last_error).toContain('554 this is spam');
  });

  test('given an admin sends it again, then it is sent, and its attempts add to the earlier ones', async () => {
    const email = newEmail();
    toRecipient.set(email, [refusal(550, 'mailbox full')]);
    await publish(bed, notice(email));
    const [failed] = await expectEmails(bed, email, 'password-changed failed');
    const token = await logInAdmin(auth.client);
    const answer = await notifier.client('POST', `/emails/${failed?._id}/retry`, { token });
    expect(answer.body).toEqual({ message: 'Email queued again' });
    const [sent] = await expectEmails(bed, email, 'password-changed sent');
    expect(sent).toMatchObject({ attempts: 2, last_error: null });
    expect(offeredTo(email)).toEqual([`${email} <${failed?._id}@quartet.example>`]);
  });

  test('given other e-mails, then they are not delayed', async () => {
    const refused = Array.from({ length: 5 }, newEmail);
    const good = Array.from({ length: 5 }, newEmail);
    for (const email of refused) toRecipient.set(email, [refusal(550, 'never')]);
    await Promise.all([...refused, ...good].map((email) => publish(bed, notice(email))));
    for (const email of good) await expectEmails(bed, email, 'password-changed sent');
    for (const email of refused) await expectEmails(bed, email, 'password-changed failed');
  });
});

describe('an e-mail that the server wants later', () => {
  test('given it was delayed once, then it is tried again later under the same Message-ID', async () => {
    const email = newEmail();
    const { promise: seen, resolve: takeIt } = Promise.withResolvers<undefined>();
    toMessage.set(email, [refusal(451, 'greylisted'), seen]);
    await publish(bed, notice(email));
    await expect
      .poll(() => queueOf(bed).findOne({ to: email }), { timeout: 10_000 })
      .toMatchObject({
        status: 'queued',
        attempts: 1,
        last_error: expect.stringContaining('451 greylisted'),
      });
    takeIt(undefined);
    const [sent] = await expectEmails(bed, email, 'password-changed sent');
    expect(sent).toMatchObject({ attempts: 2, last_error: null });
    expect(offeredTo(email)).toEqual(Array(2).fill(`${email} <${sent?._id}@quartet.example>`));
  });

  test('given it is delayed again and again, then the pauses grow and others are not delayed', async () => {
    const email = newEmail();
    const other = newEmail();
    const { promise: seen, resolve: takeIt } = Promise.withResolvers<undefined>();
    toRecipient.set(email, [refusal(450, 'busy'), refusal(450, 'busy'), seen]);
    await publish(bed, notice(email));
    await publish(bed, notice(other));
    await expectEmails(bed, other, 'password-changed sent');
    await expect
      .poll(async () => (await queueOf(bed).findOne({ to: email }))?.attempts, { timeout: 10_000 })
      .toBe(2);
    const waiting = await queueOf(bed).findOne({ to: email });
    expect(Number(waiting?.due_at) - Number(waiting?.updated_at)).toBeGreaterThan(1_500);
    takeIt(undefined);
    await expectEmails(bed, email, 'password-changed sent');
  });

  test('given it was delayed too often, then it fails', async () => {
    const email = newEmail();
    toRecipient.set(email, Array(12).fill(refusal(450, 'still busy')));
    await publish(bed, notice(email));
    // While it is in a pause: a process that is sending it would overwrite the attempts.
    const pausing = { to: email, attempts: { $gt: 0 }, held_by: null };
    const age = () => queueOf(bed).updateOne(pausing, { $set: { attempts: 11, due_at: new Date() } });
    await expect.poll(async () => (await age()).modifiedCount, { timeout: 10_000 }).toBe(1);
    const [failed] = await expectEmails(bed, email, 'password-changed failed');
    expect(failed).toMatchObject({ attempts: 12, last_error: expect.stringContaining('450 still busy') });
  });
});

test('given a server that is about to close, then the e-mail is not to blame', async () => {
  const email = newEmail();
  toRecipient.set(email, [refusal(421, 'closing for a while')]);
  toMessage.set(email, [refusal(421, 'closing once more')]);
  await publish(bed, notice(email));
  const [sent] = await expectEmails(bed, email, 'password-changed sent');
  expect(sent).toMatchObject({ attempts: 1 });
});
