import { randomUUID } from 'node:crypto';
import type { Delivery } from '@quartet/common/events/consumer/event-handler.ts';
import type { DomainEvent } from '@quartet/common/events/envelope.ts';
import { type Email, leaseEnd } from './email.ts';
import type { MailKind } from './rendering/mail-kinds.ts';
import { subjectOf } from './rendering/render-mail.ts';

/** Whose e-mail it is and whom it goes to. */
type Addressee = { user_id: string; email: string };

/**
 * The e-mail that an event causes; the event's id makes it the same however often the event comes.
 * @param delivery when the broker got the event, and the trace that the e-mail goes on with; `to`: another address than the user's
 */
export function emailFor(
  event: DomainEvent & { data: Addressee },
  kind: MailKind,
  projectName: string,
  {
    publishedAt,
    traceparent,
    now,
    to,
  }: Pick<Delivery, 'publishedAt' | 'traceparent'> & { now: Date; to: string | undefined },
): Email {
  const { user_id, email } = event.data;
  // The broker's clock is one for all; the maker's decides within a millisecond, for one document is changed in one place.
  const order = [publishedAt.toISOString(), new Date(event.time).toISOString(), event.id].join(' ');
  return { ...newEmail(event.id, kind, to ?? email, projectName, now), user_id, order, traceparent };
}

/** An e-mail that an admin sends to see whether e-mails arrive; whoever makes it has it in hand. */
export function testEmail(to: string, projectName: string, now: Date): Email {
  const email = newEmail(randomUUID(), 'test', to, projectName, now);
  return { ...email, held_by: randomUUID(), due_at: leaseEnd(now) };
}

function newEmail(_id: string, kind: MailKind, to: string, projectName: string, now: Date): Email {
  return {
    _id,
    kind,
    to,
    user_id: null,
    subject: subjectOf(kind, projectName, to),
    status: 'queued',
    attempts: 0,
    last_error: null,
    order: `${now.toISOString()} ${_id}`,
    waits: false,
    held_by: null,
    due_at: now,
    away_at: null,
    created_at: now,
    updated_at: now,
    sent_at: null,
  };
}
