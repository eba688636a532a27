import type { BucketMemory, SeenBucket } from '@quartet/common/events/kv/revocation-guard.ts';
import type { Collection, Db } from 'mongodb';

type Remembered = { _id: string } & SeenBucket;

/** What auth remembers of the bucket of revocations, beside the keys that sign: both say which tokens are good. */
export function bucketMemory(db: Db, bucket: string): BucketMemory {
  const memories: Collection<Remembered> = db.collection('signing_keys');
  const _id = `bucket ${bucket}`;
  return {
    async read() {
      const known = await memories.findOne({ _id });
      return known ?? undefined;
    },
    async write({ created, revision, knownSince }) {
      await memories.replaceOne({ _id }, { created, revision, knownSince }, { upsert: true });
    },
  };
}
