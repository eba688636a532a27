import { setTimeout as delay } from 'node:timers/promises';
import type { StreamInfo } from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import { knownSinceMetadata, knownSinceOf, saidKnownSince, secondAfter } from './known-since.ts';

export type SeenBucket = {
  /** By the broker's clock. */
  created: string;
  revision: number;
  /** In seconds since the epoch; the bucket has every later revocation. */
  knownSince: number;
};

/** Its content must outlive this process and the broker. */
export type BucketMemory = {
  read(): Promise<SeenBucket | undefined>;
  write(seen: SeenBucket): Promise<void>;
};

export type RevocationGuard = {
  /** In seconds since the epoch: a bucket that is made now has every later revocation. */
  beginning(): number;
  /** The entry was stored by this process, or seen in the bucket that was made at `created`. */
  saw(revision: number, created?: string): void;
  /** Checks the bucket until the signal aborts; resolves after the first check. */
  keep(signal: AbortSignal): Promise<void>;
};

/** A replica of auth whose clock is ahead may have issued tokens of the next second. */
const CLOCKS_DIFFER_SECONDS = 1;
/** A new leader in a cluster may not have the last entries for a moment. */
const SURE_AFTER_MS = 500;

/** Marks a bucket that has lost entries, such as one from a backup; the stored revision shows the loss. */
export async function createRevocationGuard(
  broker: Broker,
  memory: BucketMemory,
  log: Log,
  now: () => number = Date.now,
): Promise<RevocationGuard> {
  let known = await memory.read();
  let newest = { created: known?.created, revision: known?.revision ?? 0 };

  const saw = (revision: number, created = newest.created): void => {
    if (created !== newest.created || revision > newest.revision) newest = { created, revision };
  };

  const remember = async (bucket: StreamInfo): Promise<void> => {
    const { created, state } = bucket;
    const seen = { created, revision: state.last_seq, knownSince: knownSinceOf(bucket) };
    const isSame = known?.created === created && known.knownSince === seen.knownSince;
    // After a new mark, earlier entries are not needed.
    newest = { created, revision: Math.max(seen.revision, isSame ? newest.revision : 0) };
    if (isSame && known?.revision === seen.revision) return;
    await memory.write(seen);
    known = seen;
  };

  const beginning = (): number =>
    known === undefined
      ? secondAfter(now())
      : Math.max(secondAfter(now()) + CLOCKS_DIFFER_SECONDS, known.knownSince + 1);

  /** @param revision the newest one before the broker was asked */
  const hasAll = (bucket: StreamInfo, revision: number): boolean => {
    if (known === undefined) return true;
    // Another replica of auth has made or marked it meanwhile.
    if (saidKnownSince(bucket) > known.knownSince) return true;
    return (
      bucket.created === known.created &&
      bucket.state.last_seq >= revision &&
      knownSinceOf(bucket) >= known.knownSince
    );
  };

  const check = async (bucket: StreamInfo): Promise<void> => {
    const before = newest.created === bucket.created ? newest.revision : 0;
    if (hasAll(bucket, before)) return remember(bucket);
    await delay(SURE_AFTER_MS);
    const { config, state, ...again } = await broker.jsm.streams.info(bucket.config.name);
    if (hasAll({ config, state, ...again }, before)) return remember({ config, state, ...again });
    log.error(
      { bucket: config.name, before: known, created: again.created, revision: state.last_seq },
      'the broker has lost revocations: earlier tokens are refused',
    );
    const metadata = { ...config.metadata, ...knownSinceMetadata(beginning()) };
    await remember(await broker.jsm.streams.update(config.name, { ...config, metadata }));
  };

  return {
    beginning,
    saw,
    async keep(signal) {
      const looked = Promise.withResolvers<void>();
      const found = (bucket: StreamInfo) => check(bucket).then(looked.resolve);
      broker.looks.keep(`KV_${broker.names.revocations}`, { found }, signal).catch(looked.reject);
      await looked.promise;
    },
  };
}
