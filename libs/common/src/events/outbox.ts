import type { ObjectId } from 'mongodb';
import type { Envelope, EventContext } from './envelope.ts';

/** An event that waits in the document that it tells of. */
export type OutboxEntry = Envelope & { traceparent?: string };

/** A document that carries its unpublished events, oldest first. */
export type Outboxed = { _id: ObjectId; outbox: OutboxEntry[]; deleted_at?: Date };

/** The index by which the sweep finds what a crash left behind. */
export const outboxIndex = { 'outbox.time': 1 } as const;

/** An event as it is stored with the change it tells of. */
export function toOutbox(event: Envelope, context: EventContext): OutboxEntry {
  return context.traceparent === undefined ? event : { ...event, traceparent: context.traceparent };
}
