import { insertOnce } from '@quartet/common/database.ts';
import type { Collection, Db } from 'mongodb';

/** When a signing key was first seen by any replica; it holds no key. */
type SeenKey = { _id: string; first_seen_at: Date };

/**
 * Since when a signing key is about, by its `kid`: replicas that are rolled one after the other must agree on when
 * a new one begins to sign.
 */
export async function firstSeen(db: Db, kid: string, now: Date): Promise<Date> {
  const keys: Collection<SeenKey> = db.collection('signing_keys');
  const seen = await keys.findOne({ _id: kid });
  if (seen) return seen.first_seen_at;
  if (await insertOnce(keys, { _id: kid, first_seen_at: now })) return now;
  const byAnother = await keys.findOne({ _id: kid });
  return byAnother?.first_seen_at ?? now;
}
