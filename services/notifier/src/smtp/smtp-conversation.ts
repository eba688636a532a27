import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpSettings } from '../config.ts';
import { createSmtpClock } from './smtp-clock.ts';
import { Stopped } from './smtp-fault.ts';

/** `message` is the whole e-mail, header and body. */
export type SmtpMessage = { from: string; to: string[]; message: Buffer };

type Done = (err?: Error | null) => void;

export type Conversation = ReturnType<typeof createConversation>;

/** After a failure that is no refusal the connection is unusable. */
export function createConversation(settings: SmtpSettings) {
  const { host, port, user, password, implicitTls, startTls, times } = settings;
  const { promise: broken, reject: fail } = Promise.withResolvers<never>();
  broken.catch(() => undefined);
  let isOver = false;
  let isHandedOver = false;
  let isRead = false;

  const end = (err: Error = new Stopped('the conversation was ended')): void => {
    isOver = true;
    clock.stop();
    fail(err);
    connection.close();
  };
  const clock = createSmtpClock(host, times, end);
  // The clock's limits decide, so nodemailer's are longer than all of them together.
  const neverMs = times.connectMs + 10 * times.replyMs + times.finalReplyMs;
  const connection = new SMTPConnection({
    host,
    port,
    secure: implicitTls,
    requireTLS: startTls,
    ignoreTLS: !startTls && !implicitTls,
    dnsTimeout: times.connectMs,
    connectionTimeout: neverMs,
    greetingTimeout: neverMs,
    socketTimeout: neverMs,
    logger: clock.logger,
    transactionLog: true,
  });
  connection.on('error', (err: Error) => {
    isOver = true;
    fail(err);
  });
  connection.on('end', () => {
    isOver = true;
    // A pending step fails first, with its own reason.
    setImmediate(fail, new Error('the SMTP server closed the connection'));
  });

  const step = async (run: (done: Done) => void): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    run((err) => (err ? reject(err) : resolve()));
    await Promise.race([broken, promise]);
  };
  const timed = async (start: () => void, work: () => Promise<void>): Promise<void> => {
    start();
    try {
      await work();
    } finally {
      clock.stop();
    }
  };

  return {
    missing: clock.missing,
    isOver: () => isOver,
    /** The server may have had the final dot of the last e-mail. */
    isHandedOver: () => isHandedOver,
    /** A server that had closed the idle connection has not read the last e-mail. */
    isRead: () => isRead,

    open: () =>
      timed(clock.startConnecting, async () => {
        await step((done) => connection.connect(done));
        if (user === undefined || !connection.allowsAuth) return;
        await step((done) => connection.login({ user, pass: password ?? '' }, done));
      }),

    async send({ from, to, message }: SmtpMessage): Promise<void> {
      [isHandedOver, isRead] = [false, false];
      const body = Readable.from([message]);
      body.on('resume', () => {
        isRead = true;
      });
      // nodemailer reads the end before it writes the dot.
      body.once('end', () => {
        isHandedOver = true;
        clock.handedOver();
      });
      await timed(clock.startCommands, () => step((done) => connection.send({ from, to }, body, done)));
    },

    reset: () => timed(clock.startCommands, () => step((done) => connection.reset(done))),

    end,
  };
}
