import type { Request } from 'express';
import { HttpError } from './http-error.ts';
import type { Mail, MailStore } from './mail-store.ts';
import type { MessageHead } from './mailpit.ts';

/** A repeated or nested parameter counts as missing. */
export function queryText(req: Request, name: string): string {
  const value = req.query[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** `latest` is the newest mail that `?query=` matches. @throws {HttpError} 404 when there is no such mail */
export function findMail(store: MailStore, req: Request<{ id: string }>, missing: HttpError): Mail {
  const { id } = req.params;
  if (id !== 'latest') {
    const mail = store.find(id);
    if (mail === undefined) throw missing;
    return mail;
  }
  const [newest] = store.list(queryText(req, 'query') || undefined);
  if (newest === undefined) throw new HttpError(404, 'Message not found');
  return newest;
}

export function headOf(mail: Mail): MessageHead {
  const { id: ID, messageId: MessageID, to: To, cc: Cc, bcc: Bcc, replyTo: ReplyTo, raw } = mail;
  const {
    subject: Subject,
    username: Username,
    from: [From = { Name: '', Address: '' }],
  } = mail;
  return { ID, MessageID, From, To, Cc, Bcc, ReplyTo, Subject, Username, Tags: [], Size: raw.length };
}
