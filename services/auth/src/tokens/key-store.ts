import { insertOnce } from '@quartet/common/database/database.ts';
import type { Collection, Db } from 'mongodb';

/** The `_id` of a signing key is its `kid`. */
export type Seen = { _id: string; first_seen_at: Date };

/** Replicas must agree on when a new key begins to sign. */
export const firstSeen = (db: Db, kid: string, now: Date): Promise<Date> =>
  firstSeenIn(db.collection('signing_keys'), kid, now);

export async function firstSeenIn(all: Collection<Seen>, name: string, now: Date): Promise<Date> {
  const seen = await all.findOne({ _id: name });
  if (seen) return seen.first_seen_at;
  if (await insertOnce(all, { _id: name, first_seen_at: now })) return now;
  const byAnother = await all.findOne({ _id: name });
  return byAnother?.first_seen_at ?? now;
}
