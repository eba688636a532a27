/** For how long the SMTP server is waited for; RFC 5321, 4.5.3.2 has the least that is fair. */
export type SmtpTimes = {
  /** Finding its address, the connection and, where it begins with that, TLS. */
  connectMs: number;
  /** Its greeting, and its answer to each command. */
  replyMs: number;
  /** Its answer to the final dot. */
  finalReplyMs: number;
};

/** A step took too long. */
export class TooLate extends Error {
  override name = 'TooLate';
}

/** An entry of nodemailer's log, of which `tnx` says the kind. */
type Entry = { tnx?: unknown };

const COMMAND = /^(EHLO|HELO|STARTTLS|AUTH|MAIL|RCPT|DATA|RSET)\b/;

/**
 * Times a conversation step by step. The library times the silence of a socket only, which a server that sends a byte now
 * and then outlasts, and knows one time for all; so this hears of each command and each whole reply by its log.
 * @param onLate called with the reason once a step has taken too long
 */
export function createSmtpClock(host: string, times: SmtpTimes, onLate: (err: Error) => void) {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isConnecting = false;
  /** What the server has to answer yet, first in front. */
  let awaited: string[] = [];

  const missing = (): string => `no ${awaited[0] ?? 'answer'}`;

  const restart = (ms: number): void => {
    if (!isRunning) return;
    clearTimeout(timer);
    timer = setTimeout(() => onLate(new TooLate(`${missing()} within ${ms / 1000} s`)), ms);
  };

  const hear = (entry: Entry, text: string): void => {
    if (entry.tnx === 'client') {
      const [command] = COMMAND.exec(text) ?? ['AUTH'];
      // Nothing that was sent before EHLO is open.
      if (command === 'EHLO') awaited = [];
      awaited.push(`answer to ${command}`);
      restart(times.replyMs);
    } else if (entry.tnx === 'server') {
      if (awaited.shift() === 'answer to STARTTLS') awaited.push('TLS handshake');
      restart(times.replyMs);
    } else if (entry.tnx === 'network' && isConnecting) {
      isConnecting = false;
      awaited = ['greeting'];
      restart(times.replyMs);
    }
  };
  const log = (entry: Entry, text?: unknown) => hear(entry, String(text));

  return {
    /** What the server has not done yet. */
    missing,
    /** What the library is given to log to. */
    logger: { trace: log, debug: log, info: log, warn: log, error: log, fatal: log },
    startConnecting(): void {
      isRunning = true;
      isConnecting = true;
      awaited = [`connection to ${host}`];
      restart(times.connectMs);
    },
    startCommands(): void {
      isRunning = true;
      awaited = [];
      restart(times.replyMs);
    },
    handedOver(): void {
      awaited = ['answer to the end of the e-mail'];
      restart(times.finalReplyMs);
    },
    stop(): void {
      isRunning = false;
      clearTimeout(timer);
    },
  };
}
