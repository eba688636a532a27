import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@quartet/common/events/envelope.ts';
import type { Email } from './email-store.ts';
import type { MailKind } from './mail/mail-kinds.ts';
import { subjectOf } from './mail/render-mail.ts';

/** Whose e-mail it is and whom it goes to. */
type Addressee = { user_id: string; email: string };

/** The e-mail that an event causes; the event's id makes it the same however often the event comes. */
export function emailFor(
  event: DomainEvent & { data: Addressee },
  kind: MailKind,
  projectName: string,
  now: Date,
): Email {
  const { user_id, email } = event.data;
  return newEmail(event.id, kind, email, user_id, projectName, now);
}

/** An e-mail that an admin sends to see whether e-mails arrive. */
export function testEmail(to: string, projectName: string, now: Date): Email {
  return newEmail(randomUUID(), 'test', to, null, projectName, now);
}

function newEmail(
  _id: string,
  kind: MailKind,
  to: string,
  user_id: string | null,
  projectName: string,
  now: Date,
): Email {
  return {
    _id,
    kind,
    to,
    user_id,
    subject: subjectOf(kind, projectName, to),
    status: 'queued',
    attempts: 0,
    last_error: null,
    due_at: now,
    created_at: now,
    updated_at: now,
    sent_at: null,
  };
}
