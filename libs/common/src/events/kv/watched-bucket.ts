import { setTimeout as delay } from 'node:timers/promises';
import type { StreamInfo } from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';
import { waiting } from '../../process/wait-for.ts';
import type { Broker } from '../broker/broker.ts';
import { isGone } from '../broker/stream-identity.ts';
import { type BucketEntry, openBucketFeed } from './bucket-feed.ts';
import { createSilenceCheck } from './silent-watch.ts';

const RETRY_MS = 500;

/** An entry may arrive more than once. */
export type BucketWatcher = {
  /** Called when watching begins, perhaps with another bucket of the same name. */
  opened?(bucket: StreamInfo): void;
  looked?(bucket: StreamInfo): void;
  put(key: string, value: unknown, written: { at: Date; revision: number }): void;
  removed(key: string): void;
  /** Called when an entry is no JSON, or `put` throws. */
  unreadable?(key: string): void;
};

type Watch = { broker: Broker; bucket: string; watcher: BucketWatcher; log: Log; signal: AbortSignal };

/** Keeps a copy current until the signal aborts; resolves when it is complete. Outages do not clear it. */
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
  const { broker, bucket, log, signal } = watch;
  let attempt = new AbortController();
  broker.onReconnect(() => attempt.abort());
  while (!signal.aborted) {
    attempt = new AbortController();
    try {
      await watchOnce(watch, caughtUp, AbortSignal.any([signal, attempt.signal]), () => attempt.abort());
    } catch (err) {
      // The stream's own check logs the loss.
      if (!signal.aborted && !isGone(err))
        log.warn({ err, bucket }, 'watching a bucket failed, starting again');
    }
    attempt.abort();
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function watchOnce(
  { broker, bucket, watcher, log }: Watch,
  caughtUp: () => void,
  until: AbortSignal,
  end: () => void,
): Promise<void> {
  const stream = `KV_${bucket}`;
  const begun = await broker.jsm.streams.info(stream);
  watcher.opened?.(begun);
  const silence = createSilenceCheck(begun.state.last_seq);
  const feed = await openBucketFeed(broker, bucket);
  until.addEventListener('abort', feed.stop, { once: true });
  if (until.aborted) feed.stop();
  const found = (now: StreamInfo): void => {
    watcher.looked?.(now);
    const newest = now.state.last_seq;
    if (now.created !== begun.created || silence.wentBack(newest)) end();
    else if (silence.isSilent(newest)) {
      log.warn({ bucket }, 'the watch of a bucket has fallen silent, starting again');
      end();
    }
  };
  broker.looks.keep(stream, { found }, until).catch(() => undefined);
  await feed.read(
    (entry) => {
      silence.saw(entry.revision);
      try {
        applyEntry(watcher, entry);
      } catch (err) {
        // An unreadable entry must not hide later ones.
        log.error({ err, bucket, key: entry.key }, 'an entry of a bucket cannot be read');
        watcher.unreadable?.(entry.key);
      }
    },
    () => {
      silence.complete();
      caughtUp();
    },
  );
}

function applyEntry(watcher: BucketWatcher, { key, text, revision, writtenAt }: BucketEntry): void {
  if (text === undefined) watcher.removed(key);
  else watcher.put(key, JSON.parse(text), { at: writtenAt, revision });
}
