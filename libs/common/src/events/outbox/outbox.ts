import type { ObjectId } from 'mongodb';
import { unavailable } from '../../errors.ts';
import type { Envelope, EventContext } from '../envelope.ts';

export type OutboxEntry = Envelope & { traceparent?: string };

/** The events are unpublished, oldest first. */
export type Outboxed = { _id: ObjectId; outbox: OutboxEntry[]; deleted_at?: Date };

export const outboxIndex = { 'outbox.time': 1 } as const;

/** Returns an event as it is stored with its change. */
export function toOutbox(event: Envelope, context: EventContext): OutboxEntry {
  return context.traceparent === undefined ? event : { ...event, traceparent: context.traceparent };
}

/** A document is read and written whole, so its outbox must stay small. */
const MOST_WAITING = 100;
/** The bound of writes that earlier ones must not block, such as a logout. */
const MOST_URGENT_WAITING = 1_000;

/** @throws {AppError} `unavailable` while too many events of the document are not published */
export function refuseFullOutbox({ outbox }: Outboxed, { isUrgent = false } = {}): void {
  if (outbox.length >= (isUrgent ? MOST_URGENT_WAITING : MOST_WAITING)) throw unavailable();
}
