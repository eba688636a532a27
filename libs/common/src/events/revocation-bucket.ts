import { JetStreamApiError } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { Log } from '../logging.ts';
import { type Revocation, type RevocationMap, revocation } from '../tokens/revocations.ts';
import type { Broker } from './broker.ts';
import { watchBucket } from './watched-bucket.ts';

const WRONG_LAST_SEQUENCE = 10_071;

/** Keeps the map equal to the bucket of revocations; resolves when the first copy is complete. */
export function watchRevocations(
  broker: Broker,
  map: RevocationMap,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const watcher = {
    put: (userId: string, value: unknown) => map.apply(userId, revocation.parse(value)),
    removed: (userId: string) => map.forget(userId),
  };
  return watchBucket(broker, broker.names.revocations, watcher, log, signal);
}

/** Tells every process of a revocation, and this one at once. */
export type AnnounceRevocation = (userId: string, entry: Revocation) => Promise<void>;

/**
 * Announcing resolves when the broker has stored the entry, or one that is newer.
 * @throws when the broker is away; the sender keeps the change in its outbox and announces again
 */
export async function createRevocationWriter(
  broker: Broker,
  map: RevocationMap,
): Promise<AnnounceRevocation> {
  const kv = await broker.kvm.open(broker.names.revocations);
  return async (userId, entry) => {
    map.apply(userId, entry);
    while (!(await putIfNewer(kv, userId, entry))) {
      // Another replica wrote in between; look again.
    }
  };
}

/** @returns false when somebody else wrote between look and write */
async function putIfNewer(kv: KV, userId: string, entry: Revocation): Promise<boolean> {
  const stored = await kv.get(userId);
  if (stored?.operation === 'PUT' && revocation.parse(stored.json()).revision >= entry.revision) return true;
  try {
    if (stored) await kv.update(userId, JSON.stringify(entry), stored.revision);
    else await kv.create(userId, JSON.stringify(entry));
    return true;
  } catch (err) {
    if (err instanceof JetStreamApiError && err.code === WRONG_LAST_SEQUENCE) return false;
    throw err;
  }
}
