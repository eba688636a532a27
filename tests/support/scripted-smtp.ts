import { ObjectId } from 'mongodb';
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest';
import { newEmail } from './accounts.ts';
import { authFixture } from './fixtures.ts';
import { publish, queueOf, userEvent } from './queue.ts';
import { type Running, runNotifier } from './services.ts';
import { smtpEnv } from './smtp.ts';
import { type SmtpScript, startSmtpScript } from './smtp-script.ts';

/** A notifier that waits for no step of the SMTP server longer than a second. */
export const HASTY = { SMTP_CONNECT_SECONDS: '1', SMTP_REPLY_SECONDS: '1', SMTP_FINAL_REPLY_SECONDS: '1' };

/** auth, and for each test a scripted SMTP server and an empty queue. */
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

    /** Starts a notifier that ends with the test, so that it takes no e-mail of another test. */
    async startNotifier(env: Record<string, string> = {}): Promise<Running> {
      const notifier = await runNotifier(bed, auth, { ...smtpEnv(server().port), ...env });
      onTestFinished(() => notifier.stop());
      return notifier;
    },

    /** Causes an e-mail to an address, and returns the address. */
    async notify(to = newEmail()): Promise<string> {
      const user_id = new ObjectId().toHexString();
      await publish(bed, userEvent('password.changed', { user_id, email: to, by: 'owner' }));
      return to;
    },

    /** How many times the server had the whole of an e-mail to an address. */
    had: (to: string): number => server().had.filter((each) => each === to).length,

    /** Waits until an e-mail is queued again, with these fields. */
    expectWaiting: (to: string, fields: object) =>
      expect
        .poll(() => stored(to), { timeout: 25_000 })
        .toMatchObject({ status: 'queued', held_by: null, ...fields }),
  };
}
