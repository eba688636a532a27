import { describe, expect, test } from 'vitest';
import { newEmail } from '../../../../tests/support/accounts.ts';
import { expectEmails, queueOf } from '../../../../tests/support/queue.ts';
import { HASTY, scriptedSmtpFixture } from '../../../../tests/support/scripted-smtp.ts';
import { LEASE_MS } from '../emails/email.ts';

const { bed, server, startNotifier, notify, stored, had, expectWaiting } = await scriptedSmtpFixture();

const heard = (what: string) => server().heard.filter((words) => words === what).length;
const expectHeard = (what: string) => expect.poll(() => heard(what), { timeout: 10_000 }).toBeGreaterThan(0);

describe('given the times of RFC 5321', () => {
  test('when the reply to the final dot takes longer than a lease, then the e-mail is sent once', async () => {
    await startNotifier();
    const to = newEmail();
    const release = server().hold('dot', to);
    await notify(to);
    await expectHeard(`dot ${to}`);
    const leaseEnd = Number((await stored(to))?.due_at);
    const kept = async () => Number((await stored(to))?.due_at) - leaseEnd;
    await expect.poll(kept, { timeout: 60_000, interval: 200 }).toBeGreaterThan(LEASE_MS);
    release();
    const [sent] = await expectEmails(bed, to, 'password-changed sent');
    expect(sent).toMatchObject({ attempts: 1 });
    expect(had(to)).toBe(1);
  });

  test.each(['RCPT', 'dot'] as const)(
    'when more e-mails wait for an answer to %s than are sent at a time, then another is sent',
    async (step) => {
      await startNotifier();
      const slow = Array.from({ length: 6 }, newEmail);
      const releases = slow.map((to) => server().hold(step, to));
      for (const to of slow) await notify(to);
      for (const to of slow) await expectHeard(`${step} ${to}`);
      await expectEmails(bed, await notify(), 'password-changed sent');
      for (const release of releases) release();
      for (const to of slow) {
        const [sent] = await expectEmails(bed, to, 'password-changed sent');
        expect(sent).toMatchObject({ attempts: 1 });
        expect(had(to)).toBe(1);
      }
    },
  );

  test('when the server seems away and one e-mail takes long, then another is sent', async () => {
    server().at('connect', (_to, socket) => void socket.destroy());
    await startNotifier();
    const to = newEmail();
    const release = server().hold('RCPT', to);
    await notify(to);
    await expectWaiting(to, { attempts: 0, away_at: expect.any(Date) });
    server().at('connect');
    await expectHeard(`RCPT ${to}`);
    await expectEmails(bed, await notify(), 'password-changed sent');
    release();
    await expectEmails(bed, to, 'password-changed sent');
  });

  test('when it never sends the greeting, then later e-mails still reach a server that works', async () => {
    const release = server().hold('connect');
    await startNotifier();
    const first = await notify();
    await expectHeard('connect');
    const [greeted, silent] = [server().hold('connect'), release];
    greeted();
    await expectEmails(bed, await notify(), 'password-changed sent');
    silent();
    await expectEmails(bed, first, 'password-changed sent');
  });
});

describe('given an unknown outcome', () => {
  test('when there is no reply to the final dot, then it counts, and in the end the e-mail has failed', async () => {
    await startNotifier(HASTY);
    const to = newEmail();
    server().hold('dot', to);
    await notify(to);
    // While it is in a pause: a process that is sending it would overwrite the attempts.
    const pausing = () => queueOf(bed).findOne({ to, held_by: null, attempts: { $gte: 2 } });
    await expect.poll(pausing, { timeout: 20_000 }).not.toBeNull();
    const waiting = await stored(to);
    const last_error = 'it may have arrived: no answer to the end of the e-mail within 1 s';
    expect(waiting).toMatchObject({ status: 'queued', last_error });
    expect(Number(waiting?.due_at) - Number(waiting?.updated_at)).toBeGreaterThan(1_500);
    const late = { $set: { attempts: 11, due_at: new Date() } };
    const age = () => queueOf(bed).updateOne({ to, held_by: null }, late);
    await expect.poll(async () => (await age()).modifiedCount, { timeout: 10_000 }).toBe(1);
    const [failed] = await expectEmails(bed, to, 'password-changed failed');
    expect(failed).toMatchObject({ attempts: 12, last_error });
    const count = had(to);
    await expectEmails(bed, await notify(), 'password-changed sent');
    expect(had(to)).toBe(count);
  });

  test.each([
    ['the server hangs up', undefined, /^it may have arrived: ./],
    ['the answer is none of a server', 'what was that?', /^it may have arrived: ./],
    ['a late answer wants it another time', '451 come back', /^Message failed: 451 come back$/],
  ])('when after the final dot %s, then it counts', async (_what, answer, reason) => {
    const { promise: taken, resolve: take } = Promise.withResolvers<string>();
    const answers = [answer];
    server().at('dot', (_to, socket) => {
      if (answers.length === 0) return taken;
      if (answer === undefined) socket.destroy();
      return answers.shift();
    });
    await startNotifier();
    const to = await notify();
    await expect
      .poll(() => stored(to), { timeout: 10_000 })
      .toMatchObject({ status: 'queued', attempts: 1, last_error: expect.stringMatching(reason) });
    take('250 taken');
    const [sent] = await expectEmails(bed, to, 'password-changed sent');
    expect(sent).toMatchObject({ attempts: 2 });
    expect(had(to)).toBe(2);
  });
});
