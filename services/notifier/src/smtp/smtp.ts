import { asciiDomain, smtpAddress } from '@quartet/common/http/input/email-address.ts';
import { inSpan, type Tracing } from '@quartet/common/telemetry/tracing.ts';
import nodemailer from 'nodemailer';
import type { SmtpSettings } from '../config.ts';
import type { Email } from '../emails/email.ts';
import type { EmailContent } from '../emails/rendering/render-email.ts';
import { TooLate } from './smtp-clock.ts';
import { createConversation, type SmtpMessage } from './smtp-conversation.ts';
import { faultOf, isRefusal, SmtpError, Stopped } from './smtp-fault.ts';
import { createSmtpPool } from './smtp-pool.ts';

export type Smtp = {
  /** @throws {SmtpError} when the e-mail was not sent */
  send(email: Email, content: EmailContent, signal: AbortSignal): Promise<void>;
  close(): void;
};

export function createSmtp(settings: SmtpSettings, tracing: Tracing): Smtp {
  const from = { ...settings.from, address: smtpAddress(settings.from.address) };
  const writer = nodemailer.createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const pool = createSmtpPool();
  const fromDomain = from.address.slice(from.address.lastIndexOf('@') + 1);
  const domain = asciiDomain(fromDomain) ?? fromDomain;

  const write = async ({ _id, to }: Email, { subject, html, text }: EmailContent): Promise<SmtpMessage> => {
    // Every attempt has the same Message-ID, so that a mailbox can recognise a duplicate.
    const messageId = `<${_id}@${domain}>`;
    const fields = { from, to: { name: '', address: smtpAddress(to) }, subject, html, text, messageId };
    const { envelope, message } = await writer.sendMail(fields);
    if (!Buffer.isBuffer(message)) throw new Error('the e-mail was not written as a whole');
    return { from: envelope.from || '', to: envelope.to, message };
  };

  /** Returns false when the server had closed the idle conversation. */
  const handOver = async (prepared: SmtpMessage, signal: AbortSignal): Promise<boolean> => {
    const idle = pool.take();
    const conversation = idle ?? createConversation(settings);
    const stop = () => conversation.end(new Stopped(`${signal.reason}: ${conversation.missing()} yet`));
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) stop();
      if (!idle) await conversation.open();
      await conversation.send(prepared);
      pool.give(conversation);
      return true;
    } catch (err) {
      if (!(err instanceof Error)) throw err;
      if (isRefusal(err) && !conversation.isOver()) {
        conversation.reset().then(
          () => pool.give(conversation),
          () => conversation.end(),
        );
      } else {
        const isOurs = err instanceof Stopped || err instanceof TooLate;
        const isStale = idle && !isOurs && !conversation.isRead();
        conversation.end();
        if (isStale) return false;
      }
      throw new SmtpError(faultOf(err, conversation.isHandedOver()), err);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };

  return {
    send(email, content, signal) {
      const about = { kind: 'client', fields: { 'quartet.email.kind': email.kind } } as const;
      return inSpan(tracing, 'SMTP send', about, async () => {
        const prepared = await write(email, content);
        while (!(await handOver(prepared, signal)));
      });
    },
    close: () => pool.close(),
  };
}
