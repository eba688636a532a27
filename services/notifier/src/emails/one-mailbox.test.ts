import type { Socket } from 'node:net';
import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { expectEmails, publish, queueOf, storedEmail, userEvent } from '../../../../tests/support/queue.ts';
import { runNotifier } from '../../../../tests/support/services.ts';
import { smtpEnv, startSmtpServer } from '../../../../tests/support/smtp.ts';
import { FORM, SPELLINGS } from '../../../../tests/support/spellings.ts';

const XN = 'ada@xn--zrich-kva.example';

/** All that the SMTP server was given, as it stood on the line. */
let given = '';

const { bed, auth, admin: token } = await authFixture();
const { server, port } = await startSmtpServer(bed, {});
server.server.on('connection', (socket: Socket) => {
  socket.on('data', (data) => {
    given += data.toString('utf8');
  });
});
const { client: notifier } = await runNotifier(bed, auth, {
  ...smtpEnv(port),
  EMAILS_FROM_EMAIL: 'Shop@XN--Zrich-KVA.example',
});
beforeEach(async () => {
  given = '';
  await queueOf(bed).deleteMany({});
});

const find = async (to: string): Promise<string[]> => {
  const { status, body } = await notifier('GET', `/emails/?to=${encodeURIComponent(to)}`, { token });
  expect(status).toBe(200);
  return (body as { data: { id: string }[] }).data.map(({ id }) => id);
};
const showRecovery = (email: string) =>
  notifier('POST', `/password-recovery-html-content/${encodeURIComponent(email)}`, { token });

test('given a normalized address, then SMTP gets its domain in the form of DNS', async () => {
  const user = { user_id: '650000000000000000000001', email: FORM };
  await publish(bed, userEvent('password.changed', { ...user, by: 'owner' }));
  await expectEmails(bed, FORM, 'password-changed sent');
  expect(given).toMatch(/^MAIL FROM:<shop@xn--zrich-kva\.example>\r$/m);
  expect(given).toMatch(/^RCPT TO:<ada@xn--zrich-kva\.example>\r$/m);
  expect(given).toMatch(/^From: Quartet <shop@xn--zrich-kva\.example>\r$/m);
  expect(given).toMatch(/^To: ada@xn--zrich-kva\.example\r$/m);
  expect(given).toMatch(/^Message-ID: <[\w-]+@xn--zrich-kva\.example>\r$/m);
});

test('given letters before the @-sign that need SMTPUTF8, then both sides of it are in Unicode', async () => {
  const email = 'ädä@zürich.example';
  const user = { user_id: '650000000000000000000001', email };
  await publish(bed, userEvent('password.changed', { ...user, by: 'owner' }));
  await expectEmails(bed, email, 'password-changed sent');
  expect(given).toMatch(/^MAIL FROM:<shop@xn--zrich-kva\.example> SMTPUTF8\r$/m);
  expect(given).toMatch(/^RCPT TO:<ädä@zürich\.example>\r$/m);
});

describe('the filter of the list', () => {
  test.each(SPELLINGS)('given %j, then it finds the e-mails to the mailbox', async (spelling) => {
    const email = storedEmail({ to: FORM, status: 'sent' });
    await queueOf(bed).insertMany([email, storedEmail({ to: 'ada@zurich.example', status: 'sent' })]);
    expect(await find(spelling)).toEqual([email._id]);
  });

  test('given e-mails that an earlier release stored, then their spelling finds them and later ones', async () => {
    const early = storedEmail({ to: XN, status: 'sent', created_at: new Date(0) });
    const late = storedEmail({ to: FORM, status: 'sent' });
    await queueOf(bed).insertMany([early, late]);
    expect(await find(XN)).toEqual([late._id, early._id]);
    expect(await find(XN.toUpperCase())).toEqual([late._id, early._id]);
  });

  test('given the time to normalize, then addresses that an earlier release stored are normalized', async () => {
    const early = ['ada@xn--zrich-kva.example', 'ada@ｚürich.example', 'ada@ｚürich.example'].map((to, n) =>
      storedEmail({ to, status: 'sent', created_at: new Date(n) }),
    );
    const others = ['ada@127.0.0.1', 'ädä@example.com', 'ada@xn--a.example'].map((to) =>
      storedEmail({ to, status: 'sent' }),
    );
    await queueOf(bed).insertMany([...early, ...others]);
    await runNotifier(bed, auth, {}, 0, 0);
    const ids = early.map(({ _id }) => _id).toReversed();
    await expect.poll(() => find(FORM), { timeout: 10_000 }).toEqual(ids);
    for (const { _id, to } of others) expect(await find(to)).toEqual([_id]);
  });
});

test('given an e-mail that waits under the spelling of an earlier release, then its link belongs to the user', async () => {
  const { id } = await newMember(auth.client, FORM);
  await expectEmails(bed, FORM, 'welcome sent');
  // As the earlier release left them: it kept no record of the events that may have a link.
  const earlier = { $unset: { link_grants: '' }, $set: { created_at: new Date(0) } };
  await bed.database.db.collection('users').updateOne({ _id: new ObjectId(id) }, earlier);
  await queueOf(bed).insertOne(storedEmail({ kind: 'password-recovery', to: XN, user_id: id }));
  await expectEmails(bed, XN, 'password-recovery sent');
  expect(given.match(/^RCPT TO:<.*>/gm)).toEqual([`RCPT TO:<${XN}>`, `RCPT TO:<${XN}>`]);
  for (const spelling of SPELLINGS) {
    const { status, text } = await showRecovery(spelling);
    expect(status).toBe(200);
    expect(text).toContain(FORM);
  }
});
