import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createMailCatcher } from '../../tools/mail-catcher/mail-catcher.ts';
import type { Message, MessagesSummary } from '../../tools/mail-catcher/mailpit.ts';
import type { Testbed } from './testbed.ts';
import { nobodyAt } from './third-party.ts';

/** A mail catcher and what is in it. */
export type Inbox = {
  smtpPort: number;
  /** All e-mails to an address, oldest first. */
  mailsTo(address: string): Promise<Message[]>;
  count(): Promise<number>;
  stop(): Promise<void>;
};

/** @param smtpPort 0 picks a free one */
export async function startInbox(bed: Testbed, smtpPort = 0): Promise<Inbox> {
  const options = { host: '127.0.0.1', smtpPort, httpPort: 0, maxMails: 500 };
  const catcher = createMailCatcher(options, pino({ level: 'silent' }));
  await catcher.start();
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= catcher.stop();
    return stopped;
  };
  bed.stopLater(stop);
  const read = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${catcher.httpPort}/api/v1${path}`);
    return (await answer.json()) as T;
  };
  return {
    smtpPort: catcher.smtpPort,
    async mailsTo(address) {
      const { messages } = await read<MessagesSummary>('/messages?limit=500');
      const wanted = messages.filter(({ To }) => To.some(({ Address }) => Address === address));
      return Promise.all(wanted.toReversed().map(({ ID }) => read<Message>(`/message/${ID}`)));
    },
    count: async () => (await read<MessagesSummary>('/messages?limit=1')).total,
    stop,
  };
}

/** An SMTP server that does as a test says; takes everything without TLS or login as far as nothing else is said. */
export async function startSmtpServer(
  bed: Testbed,
  options: SMTPServerOptions,
  port = 0,
): Promise<{ port: number; stop(): Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    // It would warn of its own certificate.
    logger: false,
    onData(stream, _session, callback) {
      stream.on('end', () => callback()).resume();
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  bed.stopLater(stop);
  return { port: (server.server.address() as AddressInfo).port, stop };
}

/** How an SMTP server words a refusal. */
export const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

/** A port at which nobody listens. */
export const freeSmtpPort = async (): Promise<number> => Number(new URL(await nobodyAt()).port);

/** The environment of a notifier that sends by a server on this machine. */
export const smtpEnv = (port: number): Record<string, string> => ({
  SMTP_HOST: '127.0.0.1',
  SMTP_PORT: String(port),
  SMTP_TLS: 'false',
  EMAILS_FROM_EMAIL: 'no-reply@quartet.example',
});
