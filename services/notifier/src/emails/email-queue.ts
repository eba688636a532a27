import { createHash, randomUUID } from 'node:crypto';
import type { Delivery } from '@quartet/common/events/consumer/event-handler.ts';
import type { DomainEvent } from '@quartet/common/events/envelope.ts';
import { type Email, leaseEnd } from './email.ts';
import type { EmailKind } from './rendering/email-kinds.ts';
import { subjectOf } from './rendering/render-email.ts';

export type Addressee = { userId: string; to: string };

/** The e-mail's id follows from its event, so a repeated event makes no second e-mail. */
export function emailFor(
  event: DomainEvent,
  kind: EmailKind,
  { userId, to }: Addressee,
  projectName: string,
  { publishedAt, traceparent, now }: Pick<Delivery, 'publishedAt' | 'traceparent'> & { now: Date },
): Email {
  // The broker has one clock for all producers; within a millisecond the producer's time decides.
  const order = [publishedAt.toISOString(), new Date(event.time).toISOString(), event.id].join(' ');
  const email = { ...newEmail(event.id, kind, to, projectName, now), user_id: userId, order, traceparent };
  return isSecond(event, kind) ? { ...email, _id: secondId(event.id), event_id: event.id } : email;
}

/** A change of address makes an e-mail to each address; the former one's has the id of the event. */
const isSecond = (event: DomainEvent, kind: EmailKind): boolean =>
  event.type === 'user.updated' && kind === 'verify-email';

/** Returns a UUID of version 8 (RFC 9562) that is always the same for an event. */
export function secondId(eventId: string): string {
  const hex = createHash('sha256').update(`verify-email ${eventId}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`]
    .concat(hex.slice(20, 32))
    .join('-');
}

export function testEmail(to: string, projectName: string, now: Date): Email {
  const email = newEmail(randomUUID(), 'test', to, projectName, now);
  return { ...email, held_by: randomUUID(), due_at: leaseEnd(now) };
}

function newEmail(_id: string, kind: EmailKind, to: string, projectName: string, now: Date): Email {
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
