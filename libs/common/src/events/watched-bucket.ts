import { setTimeout as delay } from 'node:timers/promises';
import type { KV, KvWatchEntry } from '@nats-io/kv';
import type { Log } from '../logging.ts';
import { waiting } from '../wait-for.ts';
import type { Broker } from './broker.ts';
import { checkSilence } from './watch-silence.ts';

const RETRY_MS = 500;
const EMPTY_CHECK_MS = 500;
/** More subjects than a service has that could have messages sent here which are no entries. */
const MOST_STRANGERS = 100;

/** What a watcher does with a bucket's entries; it may be called again with what it knows already. */
export type BucketWatcher = {
  /** Called before the entries, whenever watching begins. */
  opened?(bucket: { madeAt: Date; lifeMs: number }): void;
  put(key: string, value: unknown, writtenAt: Date): void;
  removed(key: string): void;
  /** Called for an entry that `put` throws at, or that is no JSON. */
  unreadable?(key: string): void;
};

/** What is watched, by whom, and for how long. */
type Watch = { broker: Broker; bucket: string; watcher: BucketWatcher; log: Log; signal: AbortSignal };

/**
 * Keeps a copy of a key-value bucket current, for as long as the signal is not aborted.
 * Resolves once the copy is complete. While the broker is away the copy stays as it is.
 */
export async function watchBucket(
  broker: Broker,
  bucket: string,
  watcher: BucketWatcher,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const complete = Promise.withResolvers<void>();
  const abort = () => complete.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  void keepWatching({ broker, bucket, watcher, log, signal }, complete.resolve);
  await waiting(`a complete copy of ${bucket}`, complete.promise).finally(() =>
    signal.removeEventListener('abort', abort),
  );
}

async function keepWatching(watch: Watch, caughtUp: () => void): Promise<void> {
  const { bucket, log, signal } = watch;
  while (!signal.aborted) {
    try {
      await watchOnce(watch, caughtUp);
    } catch (err) {
      if (!signal.aborted) log.warn({ err, bucket }, 'watching a bucket failed, starting again');
    }
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function watchOnce(watch: Watch, caughtUp: () => void): Promise<void> {
  const { broker, bucket, watcher, log, signal } = watch;
  const kv = await broker.kvm.open(bucket);
  const { streamInfo, ttl } = await kv.status();
  watcher.opened?.({ madeAt: new Date(streamInfo.created), lifeMs: ttl });
  const entries = await kv.watch();
  const stop = () => entries.stop();
  const silence = checkSilence(kv, streamInfo.state.last_seq, () => {
    log.warn({ bucket }, 'the watch of a bucket has fallen silent, starting again');
    stop();
  });
  const copied = () => {
    silence.complete();
    caughtUp();
  };
  signal.addEventListener('abort', stop, { once: true });
  // An empty bucket sends nothing that could tell that this was all.
  const checkEmpty = setInterval(async () => {
    if (await isEmpty(broker, kv).catch(() => false)) copied();
  }, EMPTY_CHECK_MS);
  try {
    if (await isEmpty(broker, kv)) copied();
    for await (const entry of entries) {
      silence.saw(entry.revision);
      try {
        applyEntry(watcher, entry);
      } catch (err) {
        // One entry that cannot be read must not hide those behind it.
        log.error({ err, bucket, key: entry.key }, 'an entry of a bucket cannot be read');
        watcher.unreadable?.(entry.key);
      }
      if (entry.delta !== 0) continue;
      clearInterval(checkEmpty);
      copied();
    }
  } finally {
    silence.stop();
    clearInterval(checkEmpty);
    signal.removeEventListener('abort', stop);
  }
}

/** Whether there is no entry, not even a removed one. What is none may lie there too (docs/broker-users.md). */
async function isEmpty({ jsm }: Broker, kv: KV): Promise<boolean> {
  const { streamInfo, bucket, values } = await kv.status();
  if (values === 0) return true;
  if ((streamInfo.state.num_subjects ?? 0) > MOST_STRANGERS) return false;
  const { state } = await jsm.streams.info(streamInfo.config.name, { subjects_filter: `$KV.${bucket}.>` });
  return Object.keys(state.subjects ?? {}).length === 0;
}

function applyEntry(watcher: BucketWatcher, entry: KvWatchEntry): void {
  if (entry.operation === 'PUT') watcher.put(entry.key, entry.json(), entry.created);
  else watcher.removed(entry.key);
}
