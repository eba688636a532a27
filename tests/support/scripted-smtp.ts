import { ObjectId } from 'mongodb';
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest';
import { newEmail } from './accounts.ts';
import { authFixture } from './fixtures.ts';
import { publish, queueOf, userEvent } from './queue.ts';
import { type Running, runNotifier } from './services.ts';
import { smtpEnv } from './smtp.ts';
import { type SmtpScript, startSmtpScript } from './smtp-script.ts';

/** The notifier waits at most a second for each SMTP step. */
export const HASTY = { SMTP_CONNECT_SECONDS: '1', SMTP_REPLY_SECONDS: '1', SMTP_FINAL_REPLY_SECONDS: '1' };

/** Each test gets a scripted SMTP server and an empty queue. */
export async function scriptedSmtpFixture() {
  const { bed, auth } = await authFixture();
  const current: { server?: SmtpScript } = {};
  beforeEach(async () => {
    current.server = await startSmtpScript(bed);
  });
  afterEach(() => queueOf(bed).deleteMany({}));
  const server = (): SmtpScript => current.server ?? expect.fail('there is a server only within a test');
  const stored = (to: string) => queueOf(bed).findOne({ to });

  return {
    bed,
    server,
    stored,

    /** The notifier ends with the test, so that it takes no e-mail of another test. */
    async startNotifier(env: Record<string, string> = {}): Promise<Running> {
      const notifier = await runNotifier(bed, auth, { ...smtpEnv(server().port), ...env });
      onTestFinished(() => notifier.stop());
      return notifier;
    },

    async notify(to = newEmail()): Promise<string> {
      const user_id = new ObjectId().toHexString();
      await publish(bed, userEvent('password.changed', { user_id, email: to, by: 'owner' }));
      return to;
    },

    /** Counts how often the server received the whole of an e-mail. */
    had: (to: string): number => server().had.filter((each) => each === to).length,

    expectWaiting: (to: string, fields: object) =>
      expect
        .poll(() => stored(to), { timeout: 25_000 })
        .toMatchObject({ status: 'queued', held_by: null, ...fields }),
  };
}
