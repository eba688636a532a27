import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
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
): Promise<{ port: number; server: SMTPServer; stop(): Promise<void> }> {
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
  return { port: (server.server.address() as AddressInfo).port, server, stop };
}

/** An e-mail as it was offered to an SMTP server. */
export type Offered = { to: string; subject: string; eventId: string };

/** An SMTP server that takes note, and treats e-mails to some addresses as a test says. */
export type SmtpDesk = {
  port: number;
  /** All that was offered, in order, and what was taken of it. */
  offered: Offered[];
  taken: Offered[];
  /** How many connections were made to it. */
  connections(): number;
  /** Leaves e-mails to an address without an answer until the returned function is called. */
  hold(to: string): () => void;
  /** Refuses the next e-mails to an address, one for each error. */
  refuse(to: string, ...errors: Error[]): void;
  /** Hangs up whenever an e-mail is to go to the address, before it has any of it. */
  hangUpOn(to: string): void;
  stop(): Promise<void>;
};

export async function startSmtpDesk(bed: Testbed, port = 0): Promise<SmtpDesk> {
  const sockets = new Map<number | undefined, Socket>();
  let connections = 0;
  const offered: Offered[] = [];
  const taken: Offered[] = [];
  const held = new Map<string, Promise<void>>();
  const refusals = new Map<string, Error[]>();
  const hungUpOn = new Set<string>();
  const running = await startSmtpServer(
    bed,
    {
      onRcptTo({ address }, { remotePort }, callback) {
        if (hungUpOn.has(address)) sockets.get(remotePort)?.destroy();
        else callback();
      },
      async onData(stream, { envelope }, callback) {
        const raw = await text(stream);
        const header = (name: string) => new RegExp(`^${name}: (.*)\\r$`, 'im').exec(raw)?.[1] ?? '';
        const to = envelope.rcptTo[0]?.address ?? '';
        const eventId = /<(.*)@/.exec(header('Message-ID'))?.[1] ?? '';
        const mail = { to, subject: header('Subject'), eventId };
        offered.push(mail);
        await held.get(to);
        const err = refusals.get(to)?.shift();
        if (!err) taken.push(mail);
        callback(err);
      },
    },
    port,
  );
  running.server.server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.set(socket.remotePort, socket);
  });
  return {
    port: running.port,
    offered,
    taken,
    connections: () => connections,
    hold(to) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(to, promise);
      return resolve;
    },
    refuse: (to, ...errors) => void refusals.set(to, errors),
    hangUpOn: (to) => void hungUpOn.add(to),
    stop: running.stop,
  };
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
