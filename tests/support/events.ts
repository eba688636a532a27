import type { Broker } from '@quartet/common/events/broker/broker.ts';
import { type DomainEvent, readEvent } from '@quartet/common/events/envelope.ts';
import { ObjectId } from 'mongodb';
import { expect, vi } from 'vitest';
import type { Testbed } from './testbed.ts';

export type StoredEvent = { subject: string; event: DomainEvent; text: string; traceparent: string };

/** Returns the event stream, oldest first. @throws {Error} for an invalid event */
export async function storedEvents({ broker }: Testbed): Promise<StoredEvent[]> {
  const { js, jsm, names } = broker;
  const { state } = await jsm.streams.info(names.eventStream);
  if (state.messages === 0) return [];
  const consumer = await js.consumers.get(names.eventStream);
  const stored: StoredEvent[] = [];
  // The fetch ends with the last message; a busy machine may need a while.
  for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 20_000 })) {
    const text = message.string();
    const subject = names.typeOf(message.subject);
    stored.push({
      subject,
      event: readEvent(text),
      text,
      traceparent: message.headers?.get('traceparent') ?? '',
    });
  }
  return stored;
}

/** Waits until all link requests are handled and their events are published. */
export async function allWishesTold(bed: Testbed): Promise<void> {
  for (const name of ['recovery_requests', 'verification_requests']) {
    const requests = bed.database.db.collection(name);
    await vi.waitFor(async () => expect(await requests.countDocuments()).toBe(0), { timeout: 10_000 });
  }
  await allPublished(bed, 'users');
}

/** Waits until nothing of the collection is unpublished and no tombstone is left. */
export async function allPublished({ database }: Testbed, collection: string): Promise<void> {
  const waiting = { $or: [{ 'outbox.0': { $exists: true } }, { deleted_at: { $exists: true } }] };
  const count = () => database.db.collection(collection).countDocuments(waiting);
  await vi.waitFor(async () => expect(await count()).toBe(0), { timeout: 10_000 });
}

/** Counts pending events; the broker's own count may lack an event that it has acknowledged. */
export async function unhandled({ jsm, names }: Broker, consumer: string): Promise<number> {
  const { eventStream } = names;
  const { config } = await jsm.consumers.info(eventStream, consumer);
  const newest = await Promise.all(
    (config.filter_subjects ?? []).map((subject) =>
      jsm.streams.getMessage(eventStream, { last_by_subj: subject }),
    ),
  );
  const last = Math.max(0, ...newest.map((message) => message?.seq ?? 0));
  const { delivered, num_pending, num_ack_pending } = await jsm.consumers.info(eventStream, consumer);
  return num_ack_pending + Math.max(num_pending, last > delivered.stream_seq ? 1 : 0);
}

/** Waits until every event of the collection is published. */
export async function eventsAbout(bed: Testbed, collection: string, id: string): Promise<StoredEvent[]> {
  await allPublished(bed, collection);
  return (await storedEvents(bed)).filter(({ event }) => event.subject === id);
}

export const documentOf = ({ database }: Testbed, collection: string, id: string) =>
  database.db.collection(collection).findOne({ _id: new ObjectId(id) });
