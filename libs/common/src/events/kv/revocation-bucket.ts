import { JetStreamApiError, type StreamInfo } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import * as z from 'zod';
import type { Log } from '../../process/logging.ts';
import { type Revocation, type RevocationMap, revocation } from '../../tokens/revocations.ts';
import type { Broker } from '../broker/broker.ts';
import { knownSinceOf } from './known-since.ts';
import type { RevocationGuard } from './revocation-guard.ts';
import { type BucketWatcher, watchBucket } from './watched-bucket.ts';

const WRONG_LAST_SEQUENCE = 10_071;
const EXPIRE_EVERY_MS = 1_000;

/** A key is a user's id, or a logged-out session's id after this prefix. */
const SESSION = 'session.';
const endedSession = z.object({ until: z.number() });

/** Copies the bucket into the map; resolves when it is complete. `publisher` repairs unreadable entries. */
export async function watchRevocations(
  broker: Broker,
  map: RevocationMap,
  log: Log,
  signal: AbortSignal,
  {
    publisher,
    guard,
  }: { publisher?: RevocationPublisher | undefined; guard?: RevocationGuard | undefined } = {},
): Promise<void> {
  const expiring = setInterval(() => map.forgetExpired(Date.now() / 1000), EXPIRE_EVERY_MS).unref();
  signal.addEventListener('abort', () => clearInterval(expiring), { once: true });
  let lifeMs = 0;
  let created = '';
  const begin = (bucket: StreamInfo) => map.begin(knownSinceOf(bucket));
  const watcher: BucketWatcher = {
    opened(bucket) {
      lifeMs = bucket.config.max_age / 1_000_000;
      created = bucket.created;
      begin(bucket);
    },
    looked: begin,
    put(key, value, { at, revision }) {
      guard?.saw(revision, created);
      if (key.startsWith(SESSION)) map.endSession(key.slice(SESSION.length), endedSession.parse(value).until);
      // When the bucket drops an entry, all tokens that it revokes have expired.
      else map.apply(key, revocation.parse(value), untilOf(at, lifeMs));
    },
    removed: (key) => map.forget(key),
    unreadable(key) {
      if (!publisher) return;
      repair(publisher, map, key).catch((err: unknown) =>
        log.warn({ err, key }, 'a revocation is not repaired'),
      );
    },
  };
  await watchBucket(broker, broker.names.revocations, watcher, log, signal);
}

/** Resolves when the broker has stored this entry or a newer one. @throws when the broker is away */
export type RevocationPublisher = {
  user(userId: string, entry: Revocation): Promise<void>;
  /** @param until when the session's last token expires, in seconds since the epoch */
  session(sessionId: string, until: number): Promise<void>;
};

/** Publishes revocations, and calls `stored` with each revision that the broker has stored. */
export async function createRevocationPublisher(
  broker: Broker,
  stored: (revision: number) => void = () => undefined,
): Promise<RevocationPublisher> {
  const kv = await broker.kvm.open(broker.names.revocations);
  return {
    async user(userId, entry) {
      while (!(await putIfNewer(kv, userId, entry, stored))) {
        // Another replica wrote in between.
      }
    },
    async session(sessionId, until) {
      const leftSeconds = Math.ceil(until - Date.now() / 1000);
      if (leftSeconds <= 0) return;
      while (!(await putOnce(kv, SESSION + sessionId, { until }, leftSeconds, stored))) {
        // Another replica wrote in between.
      }
    },
  };
}

async function repair(publisher: RevocationPublisher, map: RevocationMap, key: string): Promise<void> {
  if (key.startsWith(SESSION)) {
    const sessionId = key.slice(SESSION.length);
    const until = map.endOf(sessionId);
    if (until !== undefined) await publisher.session(sessionId, until);
  } else {
    const known = map.get(key);
    if (known) await publisher.user(key, revocation.parse(known));
  }
}

const untilOf = (writtenAt: Date, lifeMs: number): number => Math.ceil((writtenAt.getTime() + lifeMs) / 1000);

/** @returns false when another replica wrote in between */
async function putIfNewer(
  kv: KV,
  userId: string,
  entry: Revocation,
  written: (revision: number) => void,
): Promise<boolean> {
  const stored = await kv.get(userId);
  if (stored?.operation === 'PUT' && revisionIn(stored) >= entry.revision) return true;
  try {
    const text = JSON.stringify(entry);
    written(stored ? await kv.update(userId, text, stored.revision) : await kv.create(userId, text));
    return true;
  } catch (err) {
    if (isConflict(err)) return false;
    throw err;
  }
}

/** An unreadable entry counts as the oldest; otherwise it would block the user's revocations for good. */
const revisionIn = (stored: KvEntry): number =>
  readIn(stored, revocation)?.revision ?? Number.NEGATIVE_INFINITY;

/** @returns false when another replica wrote in between */
async function putOnce(
  kv: KV,
  key: string,
  value: unknown,
  lifeSeconds: number,
  written: (revision: number) => void,
): Promise<boolean> {
  try {
    written(await kv.create(key, JSON.stringify(value), `${lifeSeconds}s`));
    return true;
  } catch (err) {
    // A revocation may be published twice.
    if (!isConflict(err)) throw err;
  }
  const stored = await kv.get(key);
  if (stored?.operation !== 'PUT' || readIn(stored, endedSession)) return true;
  try {
    // An update has the longer life of the bucket.
    written(await kv.update(key, JSON.stringify(value), stored.revision));
    return true;
  } catch (err) {
    if (isConflict(err)) return false;
    throw err;
  }
}

function readIn<T>(stored: KvEntry, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(stored.json());
  } catch {
    return undefined;
  }
}

const isConflict = (err: unknown): boolean =>
  err instanceof JetStreamApiError && err.code === WRONG_LAST_SEQUENCE;
