import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpSettings } from '../config.ts';
import { createSmtpClock } from './smtp-clock.ts';
import { Stopped } from './smtp-fault.ts';

/** An e-mail as it goes out: `message` is all of it, header and body. */
export type Letter = { from: string; to: string[]; message: Buffer };

type Done = (err?: Error | null) => void;

export type Conversation = ReturnType<typeof createConversation>;

/** A connection to the SMTP server, for one e-mail after the other. What fails leaves it unusable, but for a refusal. */
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
  // Longer than all that the clock allows, which has the say: the library counts the greeting as part of connecting.
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
    // Whoever waits for an answer is told first why.
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
    /** What the server has not done yet, in words. */
    missing: clock.missing,
    /** Whether it can be used no more. */
    isOver: () => isOver,
    /** Whether the server may have had the final dot of the last e-mail. */
    isHandedOver: () => isHandedOver,
    /** Whether the server asked for the last e-mail: it did not if it had closed an idle connection before. */
    isRead: () => isRead,

    /** Connects, and logs in where there is a user. */
    open: () =>
      timed(clock.startConnecting, async () => {
        await step((done) => connection.connect(done));
        if (user === undefined || !connection.allowsAuth) return;
        await step((done) => connection.login({ user, pass: password ?? '' }, done));
      }),

    async send({ from, to, message }: Letter): Promise<void> {
      [isHandedOver, isRead] = [false, false];
      const letter = Readable.from([message]);
      letter.on('resume', () => {
        isRead = true;
      });
      // Its end is read before the dot is written.
      letter.once('end', () => {
        isHandedOver = true;
        clock.handedOver();
      });
      await timed(clock.startCommands, () => step((done) => connection.send({ from, to }, letter, done)));
    },

    /** Makes it usable after a refusal. */
    reset: () => timed(clock.startCommands, () => step((done) => connection.reset(done))),

    /** Breaks it off; whoever waits for it gets the error. */
    end,
  };
}
