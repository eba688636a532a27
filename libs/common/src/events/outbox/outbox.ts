import type { ObjectId } from 'mongodb';
import { unavailable } from '../../errors.ts';
import type { Envelope, EventContext } from '../envelope.ts';

/** An event that waits in the document that it is about. */
export type OutboxEntry = Envelope & { traceparent?: string };

/** A document that carries its unpublished events, oldest first. */
export type Outboxed = { _id: ObjectId; outbox: OutboxEntry[]; deleted_at?: Date };

/** The index by which the sweep finds waiting events. */
export const outboxIndex = { 'outbox.time': 1 } as const;

/** An event as it is stored with its change. */
export function toOutbox(event: Envelope, context: EventContext): OutboxEntry {
  return context.traceparent === undefined ? event : { ...event, traceparent: context.traceparent };
}

/** With more waiting events, writes to a document are refused: it is read and written whole. */
const MOST_WAITING = 100;
/** For writes that must not be refused because of earlier ones, such as a logout. */
const MOST_URGENT_WAITING = 1_000;

/**
 * Called before an event is added to a document as it was read.
 * @throws {AppError} `unavailable` while too many of its events are not published yet
 */
export function refuseFullOutbox({ outbox }: Outboxed, { isUrgent = false } = {}): void {
  if (outbox.length >= (isUrgent ? MOST_URGENT_WAITING : MOST_WAITING)) throw unavailable();
}
