import { createSocket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { expectEmails } from '../../../../tests/support/queue.ts';
import { HASTY, scriptedSmtpFixture } from '../../../../tests/support/scripted-smtp.ts';

const { bed, server, startNotifier, notify, had, expectWaiting } = await scriptedSmtpFixture();

/** Lines of an answer that has no end. */
function trickle(code: number) {
  return (_to: string, socket: Socket) => {
    const timer = setInterval(() => socket.write(`${code}-not the last line\r\n`), 50);
    socket.on('close', () => clearInterval(timer));
    return undefined;
  };
}

describe('given a server that stops replying before the final dot', () => {
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
    'when its answer at %s (%i, %s) %s, then no attempt counts, and the e-mail is sent later',
    async (step, code, last_error, _how, way) => {
      if (step === 'AUTH') server().at('EHLO', () => '250-script\r\n250 AUTH PLAIN');
      server().at(step, way(code));
      await startNotifier({ ...HASTY, SMTP_USER: 'user', SMTP_PASSWORD: 'password' });
      const to = await notify();
      await expectWaiting(to, { attempts: 0, last_error });
      expect(had(to)).toBe(0);
      server().at(step);
      await expectEmails(bed, to, 'password-changed sent');
      expect(had(to)).toBe(1);
    },
  );

  test.each([
    ['STARTTLS', { SMTP_TLS: 'true' }, 'no TLS handshake within 1 s'],
    ['TLS from the first byte', { SMTP_SSL: 'true' }, 'no connection to 127.0.0.1 within 1 s'],
  ])('when it hangs in the handshake of %s, then no attempt counts', async (_how, env, last_error) => {
    if ('SMTP_SSL' in env) server().at('connect', () => undefined);
    server().at('EHLO', () => '250-script\r\n250 STARTTLS');
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
