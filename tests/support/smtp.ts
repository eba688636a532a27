import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createMailCatcher } from '../../tools/mail-catcher/mail-catcher.ts';
import type { Message, MessagesSummary } from '../../tools/mail-catcher/mailpit.ts';
import type { Testbed } from './testbed.ts';
import { nobodyAt } from './third-party.ts';

export type Inbox = {
  smtpPort: number;
  mailsTo(address: string): Promise<Message[]>;
  count(): Promise<number>;
  stop(): Promise<void>;
};

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

/** By default, the server takes every e-mail without TLS and login. */
export async function startSmtpServer(
  bed: Pick<Testbed, 'stopLater'>,
  options: SMTPServerOptions,
  port = 0,
): Promise<{ port: number; server: SMTPServer; stop(): Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    // The library would warn of its own certificate.
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

export type Offered = { to: string; subject: string; eventId: string };

/** The server records all e-mails; a test decides about some addresses. */
export type SmtpDesk = {
  port: number;
  offered: Offered[];
  taken: Offered[];
  connections(): number;
  /** E-mails get no answer until the returned function is called. */
  hold(to: string): () => void;
  /** Each error refuses one e-mail. */
  refuse(to: string, ...errors: Error[]): void;
  /** The server closes the connection before it has any of the e-mail. */
  hangUpOn(to: string): void;
  stop(): Promise<void>;
};

export async function startSmtpDesk(bed: Pick<Testbed, 'stopLater'>, port = 0): Promise<SmtpDesk> {
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

export const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

export const freeSmtpPort = async (): Promise<number> => Number(new URL(await nobodyAt()).port);

export const smtpEnv = (port: number): Record<string, string> => ({
  SMTP_HOST: '127.0.0.1',
  SMTP_PORT: String(port),
  SMTP_TLS: 'false',
  EMAILS_FROM_EMAIL: 'no-reply@quartet.example',
});
