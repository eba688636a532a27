import { isDeepStrictEqual } from 'node:util';
import { JetStreamApiError, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';
import { waitFor } from '../../process/wait-for.ts';
import { eventTypes } from '../contracts.ts';
import { knownSinceMetadata } from '../kv/known-since.ts';
import type { Broker } from './broker.ts';
import type { BrokerNames } from './names.ts';
import { isGone } from './stream-identity.ts';

const SECOND_NS = 1_000_000_000;
const DAY_SECONDS = 86_400;
const DAY_NS = DAY_SECONDS * SECOND_NS;
const DUPLICATE_WINDOW_NS = 600 * SECOND_NS;
const STREAM_EXISTS = 10_058;

/**
 * Nobody empties a bucket, and no entry takes the place of others. A service may do neither, but the broker would for it: it sends
 * an empty answer to whatever subject the asker names, that of a purge too, and an entry's own header asks for a roll-up.
 */
const NEVER_EMPTIED = { deny_purge: true, allow_rollup_hdrs: false };

/** What an installation may choose about what is kept at the broker. */
export type TopologySettings = {
  /** How long a count of a rate limit must be remembered. */
  limitLifeSeconds?: number | undefined;
  /**
   * On how many servers of a cluster each stream and bucket is kept. Undefined leaves what is there as it is, so that an
   * operator may choose at the broker; what is new is then kept on one.
   */
  replicas?: number | undefined;
  /** Since when a bucket of revocations that is made now knows what was revoked, in seconds since the epoch. */
  knownSince?: (() => number) | undefined;
};

/**
 * Makes the streams and buckets, or brings them up to date. Only auth calls it; several replicas may at once.
 * @param tokenLifeSeconds how long a revocation must be remembered
 * @throws {JetStreamApiError} when the broker has fewer servers than `replicas`
 */
export async function ensureTopology(
  broker: Broker,
  tokenLifeSeconds: number,
  { limitLifeSeconds = DAY_SECONDS, replicas, knownSince }: TopologySettings = {},
): Promise<void> {
  const { names } = broker;
  const copies = replicas === undefined ? {} : { num_replicas: replicas };
  await ensureStream(broker, {
    name: names.eventStream,
    subjects: eventSubjects(names),
    max_age: 30 * DAY_NS,
    duplicate_window: DUPLICATE_WINDOW_NS,
    ...copies,
  });
  await ensureStream(broker, {
    name: names.deadLetterStream,
    subjects: [names.deadLetter('>')],
    max_age: 0,
    // A consumer that is killed before it ends a delivery may come back late, and there are few dead letters.
    duplicate_window: DAY_NS,
    // A direct read is sent wherever the asker says (docs/broker-users.md).
    allow_direct: false,
    ...copies,
  });
  await ensureBucket(
    broker,
    names.routes,
    () => ({}),
    () => copies,
  );
  const limitLifeNs = limitLifeSeconds * SECOND_NS;
  await ensureBucket(
    broker,
    names.limits,
    () => ({ ttl: limitLifeSeconds * 1000 }),
    ({ duplicate_window }) => ({
      max_age: limitLifeNs,
      duplicate_window: Math.min(duplicate_window, limitLifeNs),
      ...copies,
    }),
  );
  const withBeginning = () => ({
    ttl: tokenLifeSeconds * 1000,
    ...(knownSince ? { metadata: knownSinceMetadata(knownSince()) } : {}),
  });
  await ensureBucket(broker, names.revocations, withBeginning, ({ max_age }) => ({
    // Never shorter: tokens that were minted with a longer life are still about, and their revocations must outlive them.
    max_age: Math.max(max_age, tokenLifeSeconds * SECOND_NS),
    // A logged-out session has a time of its own.
    allow_msg_ttl: true,
    ...copies,
  }));
}

/** @param atFirst what it is made with @param wanted what the stream behind the bucket must have, whoever made it, by what it has */
async function ensureBucket(
  { kvm, jsm }: Broker,
  name: string,
  atFirst: () => { ttl?: number; metadata?: Record<string, string> },
  wanted: (config: StreamConfig) => Partial<StreamConfig>,
): Promise<void> {
  const stream = `KV_${name}`;
  const { config } = await jsm.streams.info(stream).catch(async (err: unknown) => {
    if (!isGone(err)) throw err;
    await kvm.create(name, { history: 1, ...atFirst() }).catch((fault: unknown) => {
      // Another replica has made it since it was looked for, and given it what is wanted.
      if (!isThere(fault)) throw fault;
    });
    return jsm.streams.info(stream);
  });
  const changed = { ...config, ...NEVER_EMPTIED, ...wanted(config) };
  if (!isDeepStrictEqual(changed, config)) await jsm.streams.update(config.name, changed);
}

/**
 * Makes again what the broker loses, until the signal aborts.
 * @param ensure makes all that is not there
 */
export function keepTopology(broker: Broker, ensure: () => Promise<void>, signal: AbortSignal): void {
  let making: Promise<void> | undefined;
  const gone = (): Promise<void> => {
    making ??= ensure().finally(() => {
      making = undefined;
    });
    return making;
  };
  for (const stream of streamsOf(broker.names)) {
    broker.looks.keep(stream, { gone }, signal).catch(() => undefined);
  }
}

/** All streams, those behind buckets among them. */
const streamsOf = ({ eventStream, deadLetterStream, routes, limits, revocations }: BrokerNames): string[] => [
  eventStream,
  deadLetterStream,
  ...[routes, limits, revocations].map((bucket) => `KV_${bucket}`),
];

/** Waits until auth has made the streams and buckets. */
export async function waitForTopology(broker: Broker, log: Log, signal: AbortSignal): Promise<void> {
  const { names } = broker;
  const check = async () => {
    const { config } = await broker.jsm.streams.info(names.eventStream);
    // An auth of before may have made it: a consumer that asks for a subject it does not have would be refused.
    const missing = eventSubjects(names).filter((subject) => !config.subjects.includes(subject));
    if (missing.length > 0) throw new Error(`the event stream is without ${missing.join(', ')}`);
    // Made last, so when it is there all are.
    await broker.jsm.streams.info(`KV_${names.revocations}`);
  };
  await waitFor('auth to set up the event streams', check, log, signal);
}

/** All events about users, items and so on: their types say which. */
const families = new Set(eventTypes.map((type) => `${type.split('.')[0]}.>`));

const eventSubjects = (names: BrokerNames): string[] => [
  ...[...families].map(names.event),
  names.replay('>'),
];

async function ensureStream(
  broker: Broker,
  config: Pick<StreamConfig, 'name' | 'subjects' | 'max_age' | 'duplicate_window'> & Partial<StreamConfig>,
): Promise<void> {
  const full = { ...config, storage: StorageType.File, retention: RetentionPolicy.Limits };
  try {
    await broker.jsm.streams.add(full);
  } catch (err) {
    if (!isThere(err)) throw err;
    await broker.jsm.streams.update(config.name, full);
  }
}

/** Whether a stream was not made because there is one of that name with other settings. */
const isThere = (err: unknown): boolean => err instanceof JetStreamApiError && err.code === STREAM_EXISTS;
