import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { newEmail, signUp } from '../../../../tests/support/accounts.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { expectEmails, publish, queueOf, userEvent } from '../../../../tests/support/queue.ts';
import { type Running, runNotifier } from '../../../../tests/support/services.ts';
import { freeSmtpPort, smtpEnv, startInbox, startSmtpServer } from '../../../../tests/support/smtp.ts';

const PASSWORD = 'a password for SMTP only';

const { bed, auth } = await authFixture();
afterEach(() => queueOf(bed).deleteMany({}));

/** A notifier that ends with the test, so that no other test's e-mails fall to it. */
async function startNotifier(env: Record<string, string>): Promise<Running> {
  const notifier = await runNotifier(bed, auth, env);
  onTestFinished(() => notifier.stop());
  return notifier;
}

/** Waits until an e-mail waits for the reason given. */
async function expectWaiting(email: string, reason: string | RegExp): Promise<void> {
  await expect
    .poll(() => queueOf(bed).findOne({ to: email }), { timeout: 10_000 })
    .toMatchObject({ status: 'queued', attempts: 0, last_error: expect.stringMatching(reason) });
}

describe('given an SMTP server that is away', () => {
  test('when users sign up, then they are answered, and all e-mails are sent at once when it is back', async () => {
    const port = await freeSmtpPort();
    await startNotifier(smtpEnv(port));
    const emails = Array.from({ length: 12 }, newEmail);
    for (const email of emails) await signUp(auth.client, email);
    await expectWaiting(emails[0] ?? '', 'ECONNREFUSED');
    // A sign-up is answered before the broker has its event.
    const waiting = () => queueOf(bed).countDocuments({ to: { $in: emails }, status: 'queued' });
    await expect.poll(waiting, { timeout: 10_000 }).toBe(12);

    const inbox = await startInbox(bed, port);
    for (const email of emails) {
      expect(await expectEmails(bed, email, 'welcome sent')).toMatchObject([
        { attempts: 1, last_error: null },
      ]);
    }
    expect(await inbox.count()).toBe(12);

    // And once more: connections that broke in between are made again.
    await inbox.stop();
    const late = newEmail();
    await signUp(auth.client, late);
    await expectWaiting(late, /ECONNREFUSED|closed/i);
    const again = await startInbox(bed, port);
    await expectEmails(bed, late, 'welcome sent');
    expect(await again.count()).toBe(1);
  });

  test('when it never replies, then requests do not wait for it', async () => {
    const silent = await startSmtpServer(bed, { onConnect: () => undefined });
    await startNotifier({ ...smtpEnv(silent.port), SMTP_REPLY_SECONDS: '5' });
    const emails = Array.from({ length: 5 }, newEmail);
    for (const email of emails) {
      const startedAt = performance.now();
      await signUp(auth.client, email);
      // The notifier itself gives the server 5 s.
      expect(performance.now() - startedAt).toBeLessThan(4_000);
    }
    await expectWaiting(emails[0] ?? '', 'no greeting within 5 s');
    await silent.stop();
    const inbox = await startInbox(bed, silent.port);
    for (const email of emails) await expectEmails(bed, email, 'welcome sent');
    expect(await inbox.count()).toBe(5);
  });
});

describe('given a server that cannot be used as configured', () => {
  const notice = (email: string) =>
    userEvent('password.changed', { user_id: '650000000000000000000001', email, by: 'owner' });

  test('when TLS is required and not offered, then nothing is sent in clear text', async () => {
    const commands: string[] = [];
    const server = await startSmtpServer(bed, {
      authOptional: true,
      onAuth({ username }, _session, callback) {
        commands.push(`AUTH ${username}`);
        callback(null, { user: username });
      },
      onMailFrom({ address }, _session, callback) {
        commands.push(`MAIL ${address}`);
        callback();
      },
    });
    const env = { ...smtpEnv(server.port), SMTP_TLS: 'true', SMTP_USER: 'user', SMTP_PASSWORD: PASSWORD };
    await startNotifier(env);
    const email = newEmail();
    await publish(bed, notice(email));
    await expectWaiting(email, /STARTTLS/i);
    expect(commands).toEqual([]);
  });

  test('when its certificate cannot be trusted, then nothing is sent', async () => {
    const server = await startSmtpServer(bed, { disabledCommands: [] });
    await startNotifier({ ...smtpEnv(server.port), SMTP_TLS: 'true' });
    const email = newEmail();
    await publish(bed, notice(email));
    await expectWaiting(email, /certificate|expired|self.signed/i);
  });

  test('when it refuses the login, then the e-mail waits, and is sent with a valid login', async () => {
    const logins: string[] = [];
    const server = await startSmtpServer(bed, {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, callback) {
        logins.push(`${username}:${password}`);
        if (password === PASSWORD) callback(null, { user: username });
        else callback(new Error('wrong'));
      },
    });
    const env = { ...smtpEnv(server.port), SMTP_USER: 'user', SMTP_PASSWORD: `${PASSWORD} 1` };
    const wrong = await startNotifier(env);
    const email = newEmail();
    await publish(bed, notice(email));
    await expectWaiting(email, /Invalid login|535/);
    await wrong.stop();
    await startNotifier({ ...env, SMTP_PASSWORD: PASSWORD });
    await expectEmails(bed, email, 'password-changed sent');
    expect(new Set(logins)).toEqual(new Set([`user:${PASSWORD} 1`, `user:${PASSWORD}`]));
    const logged = JSON.stringify(bed.logLines());
    expect(logged).toContain('Invalid login');
    expect(logged).not.toContain(PASSWORD);
    expect(logged).not.toContain(Buffer.from(`\0user\0${PASSWORD}`).toString('base64').slice(0, 20));
  });
});
