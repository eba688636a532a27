import { JetStreamApiError } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import * as z from 'zod';
import type { Log } from '../logging.ts';
import { type Revocation, type RevocationMap, revocation } from '../tokens/revocations.ts';
import type { Broker } from './broker.ts';
import { watchBucket } from './watched-bucket.ts';

const WRONG_LAST_SEQUENCE = 10_071;
const EXPIRE_EVERY_MS = 1_000;

/** A user's entry stands under the user's id, that of a logged-out session under its own. */
const SESSION = 'session.';
const endedSession = z.object({ until: z.number() });

/** Keeps the map equal to the bucket of revocations; resolves when the first copy is complete. */
export async function watchRevocations(
  broker: Broker,
  map: RevocationMap,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const expiring = setInterval(() => map.forgetExpired(Date.now() / 1000), EXPIRE_EVERY_MS).unref();
  signal.addEventListener('abort', () => clearInterval(expiring), { once: true });
  let lifeMs = 0;
  const watcher = {
    opened(bucket: { madeAt: Date; lifeMs: number }) {
      lifeMs = bucket.lifeMs;
      map.begin(bucket.madeAt.getTime() / 1000);
    },
    put(key: string, value: unknown, writtenAt: Date) {
      if (key.startsWith(SESSION)) map.endSession(key.slice(SESSION.length), endedSession.parse(value).until);
      // Tokens minted from now on say what the entry says, and those of before have expired when the bucket drops it.
      else map.apply(key, revocation.parse(value), untilOf(writtenAt, lifeMs));
    },
    removed: (key: string) => map.forget(key),
  };
  await watchBucket(broker, broker.names.revocations, watcher, log, signal);
}

/**
 * Tells every process of a revocation. Both resolve when the broker has stored the entry, or one that is newer.
 * @throws when the broker is away; the sender keeps the change in its outbox and announces again
 */
export type AnnounceRevocation = {
  user(userId: string, entry: Revocation): Promise<void>;
  /** @param until when the session's last token expires, in seconds since the epoch */
  session(sessionId: string, until: number): Promise<void>;
};

export async function createRevocationWriter(broker: Broker): Promise<AnnounceRevocation> {
  const kv = await broker.kvm.open(broker.names.revocations);
  return {
    async user(userId, entry) {
      while (!(await putIfNewer(kv, userId, entry))) {
        // Another replica wrote in between; look again.
      }
    },
    async session(sessionId, until) {
      const leftSeconds = Math.ceil(until - Date.now() / 1000);
      if (leftSeconds > 0) await putOnce(kv, SESSION + sessionId, { until }, leftSeconds);
    },
  };
}

const untilOf = (writtenAt: Date, lifeMs: number): number => Math.ceil((writtenAt.getTime() + lifeMs) / 1000);

/** @returns false when somebody else wrote between look and write */
async function putIfNewer(kv: KV, userId: string, entry: Revocation): Promise<boolean> {
  const stored = await kv.get(userId);
  if (stored?.operation === 'PUT' && revisionIn(stored) >= entry.revision) return true;
  try {
    if (stored) await kv.update(userId, JSON.stringify(entry), stored.revision);
    else await kv.create(userId, JSON.stringify(entry));
    return true;
  } catch (err) {
    if (isConflict(err)) return false;
    throw err;
  }
}

/** What nobody can read is older than anything: left there, it would keep the user's revocations out for good. */
function revisionIn(stored: KvEntry): number {
  try {
    return revocation.parse(stored.json()).revision;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

/** Writes an entry that never changes; the broker removes it when its time is over. */
async function putOnce(kv: KV, key: string, value: unknown, lifeSeconds: number): Promise<void> {
  try {
    await kv.create(key, JSON.stringify(value), `${lifeSeconds}s`);
  } catch (err) {
    // It is there already: an announcement may be repeated.
    if (!isConflict(err)) throw err;
  }
}

const isConflict = (err: unknown): boolean =>
  err instanceof JetStreamApiError && err.code === WRONG_LAST_SEQUENCE;
