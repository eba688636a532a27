import { describe, expect, test } from 'vitest';
import { newEmail, newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { badEmail } from '../../../../tests/support/faults.ts';
import { inboxFixture } from '../../../../tests/support/fixtures.ts';
import { emailsTo, expectEmails } from '../../../../tests/support/queue.ts';
import { runNotifier } from '../../../../tests/support/services.ts';
import { freeSmtpPort, refusal, smtpEnv, startSmtpServer } from '../../../../tests/support/smtp.ts';

const { bed, auth, inbox, admin: token } = await inboxFixture();
const { client: call } = await runNotifier(bed, auth, smtpEnv(inbox.smtpPort));

const send = (to: string, by: Client = call, as: string | undefined = token) =>
  by('POST', `/utils/test-email/?email_to=${encodeURIComponent(to)}`, { token: as });

describe('a test e-mail', () => {
  test('when an admin requests one, then it has been sent by the time of the answer', async () => {
    const to = newEmail();
    const { status, body } = await send(` ${to.toUpperCase()} `);
    expect(status).toBe(201);
    expect(body).toEqual({ message: 'Test email sent' });
    const [mail] = await inbox.mailsTo(to);
    expect(mail?.Subject).toBe('Quartet - Test email');
    expect(`${mail?.HTML}`).not.toMatch(/<a\s/);
    expect(`${mail?.Text}`).not.toMatch(/https?:/);
    const [stored] = await emailsTo(bed, to);
    expect(stored).toMatchObject({
      kind: 'test',
      status: 'sent',
      attempts: 1,
      user_id: null,
      last_error: null,
    });
    expect(stored?._id).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  });

  test('when two are requested, then two are sent', async () => {
    const to = newEmail();
    await Promise.all([send(to), send(to)]);
    expect(await inbox.mailsTo(to)).toHaveLength(2);
  });

  test.each([
    ['nonsense', 'An email address must have an @-sign.'],
    ['a@b', 'The part after the @-sign is not valid. It should have a period.'],
    ['a@example.com, b@example.com', 'The email address contains invalid characters before the @-sign.'],
    [
      'a@example.com\r\nBcc: b@example.com',
      'The email address contains invalid characters before the @-sign.',
    ],
  ])('given %j, then it is a 422 and nothing goes out', async (to, reason) => {
    const before = await inbox.count();
    const { status, body } = await send(to);
    expect(status).toBe(422);
    expect(body).toEqual({ detail: [{ ...badEmail(reason)('email_to', to), loc: ['query', 'email_to'] }] });
    expect(await inbox.count()).toBe(before);
  });

  test('given no address, then the answer is a 422', async () => {
    const { status, body } = await call('POST', '/utils/test-email/', { token });
    expect(status).toBe(422);
    expect(body).toEqual({
      detail: [{ type: 'missing', loc: ['query', 'email_to'], msg: 'Field required', input: null }],
    });
  });

  test('given no superuser, then the answer is a 401 or 403 before anything else', async () => {
    const { token: ordinary } = await newMember(auth.client);
    const none = await call('POST', '/utils/test-email/?email_to=nonsense');
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const refused = await send('nonsense', call, ordinary);
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({ detail: "The user doesn't have enough privileges" });
  });
});

describe('given an SMTP server that does not accept it', () => {
  /** A notifier of its own, whose SMTP server is at `port`. */
  async function sendBy(port: number, to: string) {
    const notifier = await runNotifier(bed, auth, smtpEnv(port));
    const answer = await send(to, notifier.client);
    await notifier.stop();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    return (answer.body as { detail: string }).detail;
  }

  test('when it is away, then the 503 says so, and the e-mail has failed', async () => {
    const to = newEmail();
    expect(await sendBy(await freeSmtpPort(), to)).toContain('ECONNREFUSED');
    const [stored] = await expectEmails(bed, to, 'test failed');
    expect(stored).toMatchObject({ attempts: 1, last_error: expect.stringContaining('ECONNREFUSED') });
  });

  test.each([550, 451])('when it refuses with %i, then the 503 contains its reply', async (code) => {
    const to = newEmail();
    const { port } = await startSmtpServer(bed, {
      onRcptTo: (_address, _session, callback) => callback(refusal(code, 'not from you')),
    });
    expect(await sendBy(port, to)).toContain(`${code} not from you`);
    await expectEmails(bed, to, 'test failed');
  });
});
