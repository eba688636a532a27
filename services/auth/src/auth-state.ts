import type { BucketMemory, SeenBucket } from '@quartet/common/events/kv/revocation-guard.ts';
import type { Db } from 'mongodb';
import { firstSeenIn, type Seen } from './tokens/key-store.ts';

const COLLECTION = 'auth_state';
/** Release 0.1 keeps the same documents here, and its replicas may still read them. */
const EARLIER_COLLECTION = 'signing_keys';

/** Returns when a feature began; replicas of several releases agree on its name. */
export async function featureSince(db: Db, name: string, now: Date): Promise<Date> {
  const earlier = await db.collection<Seen>(EARLIER_COLLECTION).findOne({ _id: name });
  return firstSeenIn(db.collection(COLLECTION), name, earlier?.first_seen_at ?? now);
}

type StoredBucket = { _id: string } & SeenBucket;

export function bucketMemory(db: Db, bucket: string): BucketMemory {
  const _id = `bucket ${bucket}`;
  const memories = db.collection<StoredBucket>(COLLECTION);
  const earlier = db.collection<StoredBucket>(EARLIER_COLLECTION);
  return {
    async read() {
      const [known, knownEarlier] = await Promise.all([memories.findOne({ _id }), earlier.findOne({ _id })]);
      return later(known, knownEarlier) ?? undefined;
    },
    async write({ created, revision, knownSince }) {
      await memories.replaceOne({ _id }, { created, revision, knownSince }, { upsert: true });
    },
  };
}

/** Two releases write side by side: a new bucket has a later `knownSince`; revisions of one bucket grow. */
function later<T extends SeenBucket>(one: T | null, other: T | null): T | null {
  if (!one || !other) return one ?? other;
  const isOneLater = one.knownSince - other.knownSince || one.revision - other.revision;
  return isOneLater >= 0 ? one : other;
}
