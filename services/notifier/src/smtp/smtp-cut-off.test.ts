import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { logInAdmin, newEmail } from '../../../../tests/support/accounts.ts';
import { authFixture } from '../../../../tests/support/fixtures.ts';
import { expectEmails, queueOf, storedEmail } from '../../../../tests/support/queue.ts';
import { runNotifier } from '../../../../tests/support/services.ts';
import { smtpEnv } from '../../../../tests/support/smtp.ts';
import { startSmtpScript } from '../../../../tests/support/smtp-script.ts';

const { bed, auth } = await authFixture();
const server = await startSmtpScript(bed);
const env = { ...bed.env, AUTH_URL: auth.url, ...smtpEnv(server.port) };

const expectHeard = (what: string) => expect.poll(() => server.heard, { timeout: 30_000 }).toContain(what);
const stored = (to: string) => queueOf(bed).findOne({ to });

test('given SIGTERM in the middle of conversations, then the process ends in time, and the state of each e-mail is stored', {
  timeout: 60_000,
}, async () => {
  const [early, done] = [newEmail(), newEmail()];
  const releases = [server.hold('RCPT', early), server.hold('dot', done)];
  const child = spawn(process.execPath, [`${import.meta.dirname}/../main.ts`], {
    env: { PATH: process.env.PATH, ...env },
    stdio: 'ignore',
  });
  bed.stopLater(async () => void child.kill('SIGKILL'));
  await queueOf(bed).insertMany([storedEmail({ to: early }), storedEmail({ to: done })]);
  await expectHeard(`RCPT ${early}`);
  await expectHeard(`dot ${done}`);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);

  // As if nothing had happened: others may send it at once.
  expect(await stored(early)).toMatchObject({
    status: 'queued',
    attempts: 0,
    last_error: null,
    held_by: null,
    away_at: null,
  });
  expect(Number((await stored(early))?.due_at)).toBeLessThanOrEqual(Date.now());
  const reason = 'the notifier is stopping: no answer to the end of the e-mail yet';
  expect(await stored(done)).toMatchObject({
    status: 'queued',
    attempts: 1,
    last_error: `it may have arrived: ${reason}`,
    held_by: null,
  });
  const pauseMs = Number((await stored(done))?.due_at) - Number((await stored(done))?.updated_at);
  expect(pauseMs).toBeGreaterThan(0);

  for (const release of releases) release();
  const next = await runNotifier(bed, auth, env);
  await expectEmails(bed, early, 'password-changed sent');
  await expectEmails(bed, done, 'password-changed sent');
  expect(server.had.filter((to) => to === early)).toHaveLength(1);
  await next.stop();
});

test('given a server that takes longer than the caller of a test e-mail waits, then the answer comes in time and says why', {
  timeout: 60_000,
}, async () => {
  const notifier = await runNotifier(bed, auth, env);
  const token = await logInAdmin(auth.client);
  const send = (to: string) =>
    notifier.client('POST', `/utils/test-email/?email_to=${encodeURIComponent(to)}`, { token });
  const [early, done] = [newEmail(), newEmail()];
  const releases = [server.hold('RCPT', early), server.hold('dot', done)];
  const startedAt = performance.now();
  const [first, second] = await Promise.all([send(early), send(done)]);
  // A lease is 20 s, the gateway's patience 30 s.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect(first).toMatchObject({
    status: 503,
    body: { detail: 'a test e-mail is given 15 s: no answer to RCPT yet' },
  });
  const unknown = 'it may have arrived: a test e-mail is given 15 s: no answer to the end of the e-mail yet';
  expect(second).toMatchObject({ status: 503, body: { detail: unknown } });
  await expectEmails(bed, early, 'test failed');
  const [failed] = await expectEmails(bed, done, 'test failed');
  expect(failed).toMatchObject({ attempts: 1, last_error: unknown });
  for (const release of releases) release();
  await notifier.stop();
});

test('given a stop while a test e-mail is being sent, then its request is answered', async () => {
  const notifier = await runNotifier(bed, auth, env);
  const token = await logInAdmin(auth.client);
  const to = newEmail();
  const release = server.hold('RCPT', to);
  const answer = notifier.client('POST', `/utils/test-email/?email_to=${encodeURIComponent(to)}`, { token });
  await expectHeard(`RCPT ${to}`);
  await notifier.stop();
  expect(await answer).toMatchObject({
    status: 503,
    body: { detail: 'the notifier is stopping: no answer to RCPT yet' },
  });
  release();
});
