import { setTimeout as delay } from 'node:timers/promises';
import type { StreamInfo } from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import { knownSinceMetadata, knownSinceOf, saidKnownSince, secondAfter } from './known-since.ts';

/** A bucket of revocations as it was last seen. */
export type SeenBucket = {
  /** When the broker made it, as it says. */
  created: string;
  revision: number;
  /** Since when it knew what was revoked, in seconds since the epoch. */
  knownSince: number;
};

/** Remembers beyond the end of this process, and of the broker, what the bucket was like. */
export type BucketMemory = {
  read(): Promise<SeenBucket | undefined>;
  write(seen: SeenBucket): Promise<void>;
};

/** Sees to it that the bucket vouches for nothing that it has forgotten. Only auth has one; several replicas may. */
export type RevocationGuard = {
  /** Since when a bucket that is made now knows what was revoked. */
  beginning(): number;
  /** An entry of this revision was stored, or seen in the bucket that was made at `created`. */
  saw(revision: number, created?: string): void;
  /**
   * Looks every few seconds, until the signal aborts, whether the bucket has all that it ever had, and says at the bucket itself
   * when it has not. Resolves after the first look.
   */
  keep(signal: AbortSignal): Promise<void>;
};

/** Clocks of auth's replicas agree to a second: one may have minted tokens of the next second. */
const CLOCKS_DIFFER_SECONDS = 1;
/** A new leader of a cluster may for a moment not know yet of the last entries. */
const SURE_AFTER_MS = 500;

/**
 * A bucket that is made anew is given the moment from which on it knows. One that comes back with less than it had (a backup,
 * a file cut short) looks as if it knew all: only who remembers how far it had come can tell. Then it is given a new
 * such moment, which every process reads at its next look.
 * @param now in milliseconds since the epoch
 */
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
    // What it had before a new beginning it need not have.
    newest = { created, revision: Math.max(seen.revision, isSame ? newest.revision : 0) };
    if (isSame && known?.revision === seen.revision) return;
    await memory.write(seen);
    known = seen;
  };

  const beginning = (): number =>
    known === undefined
      ? secondAfter(now())
      : Math.max(secondAfter(now()) + CLOCKS_DIFFER_SECONDS, known.knownSince + 1);

  /** @param revision how far it had come before the broker was asked */
  const hasAll = (bucket: StreamInfo, revision: number): boolean => {
    if (known === undefined) return true;
    // Another replica of auth has made it, or said so, since.
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
      'the broker has lost revocations: no token of before is taken any more',
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
