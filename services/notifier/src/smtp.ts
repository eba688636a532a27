import { smtpAddress } from '@quartet/common/http/email-address.ts';
import { asciiDomain } from '@quartet/common/http/email-domain.ts';
import type { Log } from '@quartet/common/logging.ts';
import { inSpan, type Tracing } from '@quartet/common/telemetry/tracing.ts';
import nodemailer from 'nodemailer';
import type { SmtpSettings } from './config.ts';
import type { Email } from './email.ts';
import type { MailContent } from './mail/render-mail.ts';

/**
 * Why an e-mail did not go out. `refused`: this e-mail never will; `later`: the server wants it another time;
 * `away`: the server takes no e-mail at all, so none is to blame.
 */
export type SmtpFault = 'refused' | 'later' | 'away';

export class SmtpError extends Error {
  override name = 'SmtpError';
  readonly fault: SmtpFault;

  constructor(fault: SmtpFault, cause: Error) {
    super(cause.message, { cause });
    this.fault = fault;
  }
}

export type Smtp = {
  /** @throws {SmtpError} */
  send(email: Email, content: MailContent): Promise<void>;
  close(): void;
};

const CONNECT_TIMEOUT_MS = 5_000;
const SILENCE_TIMEOUT_MS = 15_000;
/** RFC 5321, 4.2: the server is about to close, whatever command this answers. */
const CLOSING = 421;
export const SMTP_CONNECTIONS = 5;

/** A pool of connections to the SMTP server. */
export function createSmtp(settings: SmtpSettings, log: Log, tracing: Tracing): Smtp {
  const { host, port, user, password, implicitTls, startTls } = settings;
  const from = { ...settings.from, address: smtpAddress(settings.from.address) };
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: SMTP_CONNECTIONS,
    host,
    port,
    secure: implicitTls,
    requireTLS: startTls,
    ignoreTLS: !startTls && !implicitTls,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // An idle connection that breaks is made anew by the next e-mail.
  transport.on('error', (err) => log.warn({ err }, 'SMTP connection broke'));
  const fromDomain = from.address.slice(from.address.lastIndexOf('@') + 1);
  const domain = asciiDomain(fromDomain) ?? fromDomain;

  return {
    send({ _id, kind, to }, { subject, html, text }) {
      // The same Message-ID at every attempt, so that mailboxes fold a doubled e-mail.
      const messageId = `<${_id}@${domain}>`;
      const about = { kind: 'client', fields: { 'quartet.email.kind': kind } } as const;
      return inSpan(tracing, 'SMTP send', about, async () => {
        try {
          const address = smtpAddress(to);
          await transport.sendMail({ from, to: { name: '', address }, subject, html, text, messageId });
        } catch (err) {
          if (!(err instanceof Error)) throw err;
          throw new SmtpError(faultOf(err), err);
        }
      });
    },
    close: () => transport.close(),
  };
}

function faultOf(err: Error): SmtpFault {
  const reply = 'responseCode' in err ? Number(err.responseCode) : 0;
  const about = 'code' in err ? String(err.code) : '';
  // Only what the server says of this envelope or message speaks of this e-mail; a failed login does not.
  if (reply < 400 || reply === CLOSING || (about !== 'EENVELOPE' && about !== 'EMESSAGE')) return 'away';
  return reply >= 500 ? 'refused' : 'later';
}
