import { insertOnce } from '@quartet/common/database/database.ts';
import type { Collection, Db } from 'mongodb';

/** When a signing key, or what is new in a release, was first seen by any replica; it holds no key. */
type Seen = { _id: string; first_seen_at: Date };

/**
 * Since when something is about: a signing key by its `kid`, or what is new in a release by a name. Replicas that are rolled
 * one after the other must agree on that, as on when a new key begins to sign.
 */
export async function firstSeen(db: Db, name: string, now: Date): Promise<Date> {
  const all: Collection<Seen> = db.collection('signing_keys');
  const seen = await all.findOne({ _id: name });
  if (seen) return seen.first_seen_at;
  if (await insertOnce(all, { _id: name, first_seen_at: now })) return now;
  const byAnother = await all.findOne({ _id: name });
  return byAnother?.first_seen_at ?? now;
}
