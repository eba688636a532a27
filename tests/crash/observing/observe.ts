import type { Database } from '@quartet/common/database/database.ts';
import { ObjectId } from 'mongodb';
import * as z from 'zod';
import { readPast } from './broker-history.ts';
import type { Inspection } from './inspection.ts';
import { type Kept, readKept } from './kept.ts';
import type { EmailDocument, Observed, Receipt, StoredDocument } from './observed.ts';

const emailDocument = z.object({
  id: z.string(),
  kind: z.string(),
  to: z.string(),
  user_id: z.string().nullable(),
  status: z.string(),
  last_error: z.string().nullable(),
});

/** Reads everything except e-mails, which the mailbox collects; `lost` is oldest first. */
export async function observe(
  { database, broker }: Inspection,
  receipts: ReadonlyMap<string, Receipt[]>,
  lost: readonly Kept[] = [],
): Promise<Observed> {
  const emails = await readAll(database, 'emails');
  return {
    ...readPast(lost, await readKept(broker)),
    users: byId(await readAll(database, 'users')),
    items: byId(await readAll(database, 'items')),
    emails: byId(emails.map((email): EmailDocument => emailDocument.parse(email))),
    receipts: new Map(receipts),
  };
}

async function readAll({ db }: Database, collection: string): Promise<StoredDocument[]> {
  const documents = await db.collection(collection).find().toArray();
  return documents.map(({ _id, ...fields }) => {
    const plain = Object.entries(fields).map(([name, value]) => [name, toPlain(value)]);
    return { ...Object.fromEntries(plain), id: String(toPlain(_id)) };
  });
}

/** Converts to the API's form: ids in hex, times in ISO 8601. */
function toPlain(value: unknown): unknown {
  if (value instanceof ObjectId) return value.toHexString();
  return value instanceof Date ? value.toISOString() : value;
}

const byId = <T extends { id: string }>(all: readonly T[]): Map<string, T> =>
  new Map(all.map((one) => [one.id, one]));
