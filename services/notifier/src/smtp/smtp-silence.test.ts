import { createSocket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ObjectId } from 'mongodb';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { newEmail } from '../../../../tests/support/accounts.ts';
import { expectEmails, publish, queueOf, userEvent } from '../../../../tests/support/queue.ts';
import { type Running, runAuth, runNotifier } from '../../../../tests/support/services.ts';
import { smtpEnv } from '../../../../tests/support/smtp.ts';
import { type SmtpScript, startSmtpScript } from '../../../../tests/support/smtp-script.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

const HASTY = { SMTP_CONNECT_SECONDS: '1', SMTP_REPLY_SECONDS: '1', SMTP_FINAL_REPLY_SECONDS: '1' };

let bed: Testbed;
let auth: Running;
let server: SmtpScript;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runAuth(bed);
});
afterAll(() => bed.stop());
beforeEach(async () => {
  server = await startSmtpScript(bed);
});
afterEach(() => queueOf(bed).deleteMany({}));

/** A notifier that ends with the test, so that no other test's e-mails fall to it. */
async function startNotifier(env: Record<string, string> = {}): Promise<Running> {
  const notifier = await runNotifier(bed, auth, { ...smtpEnv(server.port), ...env });
  onTestFinished(() => notifier.stop());
  return notifier;
}

async function notify(to = newEmail()): Promise<string> {
  const user_id = new ObjectId().toHexString();
  await publish(bed, userEvent('password.changed', { user_id, email: to, by: 'owner' }));
  return to;
}

const stored = (to: string) => queueOf(bed).findOne({ to });
const had = (to: string) => server.had.filter((each) => each === to).length;
const expectWaiting = (to: string, fields: object) =>
  expect
    .poll(() => stored(to), { timeout: 25_000 })
    .toMatchObject({ status: 'queued', held_by: null, ...fields });

/** Lines of an answer that has no end. */
function trickle(code: number) {
  return (_to: string, socket: Socket) => {
    const timer = setInterval(() => socket.write(`${code}-not the last line\r\n`), 50);
    socket.on('close', () => clearInterval(timer));
    return undefined;
  };
}

describe('given a server that does not go on before the final dot', () => {
  const steps = [
    ['connect', 220, 'no greeting within 1 s'],
    ['EHLO', 250, 'no answer to EHLO within 1 s'],
    ['AUTH', 235, 'no answer to AUTH within 1 s'],
    ['MAIL', 250, 'no answer to MAIL within 1 s'],
    ['RCPT', 250, 'no answer to RCPT within 1 s'],
    ['DATA', 354, 'no answer to DATA within 1 s'],
  ] as const;
  const ways = [
    ['is silent', () => () => undefined],
    ['has no end', trickle],
  ] as const;

  test.each(steps.flatMap((step) => ways.map((way) => [...step, ...way] as const)))(
    'when its answer at %s (%i, %s) %s, then no attempt counts, and the e-mail goes out later',
    async (step, code, last_error, _how, way) => {
      if (step === 'AUTH') server.at('EHLO', () => '250-script\r\n250 AUTH PLAIN');
      server.at(step, way(code));
      await startNotifier({ ...HASTY, SMTP_USER: 'user', SMTP_PASSWORD: 'password' });
      const to = await notify();
      await expectWaiting(to, { attempts: 0, last_error });
      expect(had(to)).toBe(0);
      server.at(step);
      await expectEmails(bed, to, 'password-changed sent');
      expect(had(to)).toBe(1);
    },
  );

  test.each([
    ['STARTTLS', { SMTP_TLS: 'true' }, 'no TLS handshake within 1 s'],
    ['TLS from the first byte', { SMTP_SSL: 'true' }, 'no connection to 127.0.0.1 within 1 s'],
  ])('when it hangs in the handshake of %s, then no attempt counts', async (_how, env, last_error) => {
    if ('SMTP_SSL' in env) server.at('connect', () => undefined);
    server.at('EHLO', () => '250-script\r\n250 STARTTLS');
    await startNotifier({ ...HASTY, ...env });
    await expectWaiting(await notify(), { attempts: 0, last_error });
  });

  test('when its name is never resolved, then no attempt counts', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const asked = once(silent, 'message');
    // Of name servers only those of the machine can be told to the library.
    for (const method of ['resolve4', 'resolve6'] as const) {
      const resolve = dns.Resolver.prototype[method];
      const spy = vi.spyOn(dns.Resolver.prototype, method);
      spy.mockImplementation(function (this: dns.Resolver, ...args: unknown[]) {
        this.setServers([`127.0.0.1:${silent.address().port}`]);
        Reflect.apply(resolve, this, args);
      });
      onTestFinished(() => spy.mockRestore());
    }
    await startNotifier({ ...HASTY, SMTP_HOST: 'smtp.example' });
    const to = await notify();
    await asked;
    await expectWaiting(to, { attempts: 0, last_error: 'no connection to smtp.example within 1 s' });
  });
});
