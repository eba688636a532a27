import type { Database } from '@quartet/common/database.ts';
import type { Broker } from '@quartet/common/events/broker.ts';
import { type DomainEvent, readEvent } from '@quartet/common/events/envelope.ts';
import { ObjectId } from 'mongodb';
import * as z from 'zod';
import type { Inspection } from './inspection.ts';
import type { EmailDocument, Observed, Receipt, StoredDocument } from './observed.ts';

const emailDocument = z.object({
  id: z.string(),
  kind: z.string(),
  to: z.string(),
  user_id: z.string().nullable(),
  status: z.string(),
  last_error: z.string().nullable(),
});
const FETCH_WITHIN_MS = 10_000;

/** Reads everything there is, but for the e-mails received, which are collected as they come. */
export async function observe(
  { database, broker }: Inspection,
  receipts: ReadonlyMap<string, Receipt[]>,
): Promise<Observed> {
  const { names } = broker;
  const stored = await readStream(broker, names.eventStream);
  const events = new Map<string, DomainEvent[]>();
  const seen = new Set<string>();
  for (const text of stored) {
    const event = readEvent(text);
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    events.set(event.subject, [...(events.get(event.subject) ?? []), event]);
  }
  const emails = await readAll(database, 'emails');
  return {
    users: byId(await readAll(database, 'users')),
    items: byId(await readAll(database, 'items')),
    events,
    copies: stored.length - seen.size,
    emails: byId(emails.map((email): EmailDocument => emailDocument.parse(email))),
    receipts: new Map(receipts),
    deadLetters: await readStream(broker, names.deadLetterStream),
  };
}

async function readAll({ db }: Database, collection: string): Promise<StoredDocument[]> {
  const documents = await db.collection(collection).find().toArray();
  return documents.map(({ _id, ...fields }) => {
    const plain = Object.entries(fields).map(([name, value]) => [name, toPlain(value)]);
    return { ...Object.fromEntries(plain), id: String(toPlain(_id)) };
  });
}

/** As the API words it: ids in hex, times in ISO 8601. */
function toPlain(value: unknown): unknown {
  if (value instanceof ObjectId) return value.toHexString();
  return value instanceof Date ? value.toISOString() : value;
}

const byId = <T extends { id: string }>(all: readonly T[]): Map<string, T> =>
  new Map(all.map((one) => [one.id, one]));

/** The texts of all messages of a stream, oldest first. */
async function readStream({ js, jsm }: Broker, stream: string): Promise<string[]> {
  const { state } = await jsm.streams.info(stream);
  const texts: string[] = [];
  if (state.messages === 0) return texts;
  const consumer = await js.consumers.get(stream);
  const messages = await consumer.fetch({ max_messages: state.messages, expires: FETCH_WITHIN_MS });
  for await (const message of messages) texts.push(message.string());
  if (texts.length < state.messages) {
    throw new Error(`only ${texts.length} of ${state.messages} messages of ${stream} could be read`);
  }
  return texts;
}
