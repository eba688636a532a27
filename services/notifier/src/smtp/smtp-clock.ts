/** RFC 5321, 4.5.3.2 has minimum values. */
export type SmtpTimes = {
  /** This includes the address, the connection and implicit TLS. */
  connectMs: number;
  /** This is for the greeting and the reply to each command. */
  replyMs: number;
  /** This is for the reply to the final dot. */
  finalReplyMs: number;
};

export class TooLate extends Error {
  override name = 'TooLate';
}

/** `tnx` is the kind of an entry in nodemailer's log. */
type Entry = { tnx?: unknown };

const COMMAND = /^(EHLO|HELO|STARTTLS|AUTH|MAIL|RCPT|DATA|RSET)\b/;

/** nodemailer limits only silence, which single bytes break, so its log shows the steps to limit. */
export function createSmtpClock(host: string, times: SmtpTimes, onLate: (err: Error) => void) {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isConnecting = false;
  /** The server has not answered these steps. */
  let awaited: string[] = [];

  const missing = (): string => `no ${awaited[0] ?? 'answer'}`;

  const restart = (ms: number): void => {
    if (!isRunning) return;
    clearTimeout(timer);
    timer = setTimeout(() => onLate(new TooLate(`${missing()} within ${ms / 1000} s`)), ms);
  };

  const onEntry = (entry: Entry, text: string): void => {
    if (entry.tnx === 'client') {
      const [command] = COMMAND.exec(text) ?? ['AUTH'];
      // EHLO ends all steps before it.
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
  const log = (entry: Entry, text?: unknown) => onEntry(entry, String(text));

  return {
    missing,
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
