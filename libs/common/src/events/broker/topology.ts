import { isDeepStrictEqual } from 'node:util';
import {
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
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
 * Forbids to purge a bucket and to replace its entries by one. No service has the permission, but the broker itself would send
 * an empty answer to the subject of a purge, and a header of an entry can ask for a roll-up (docs/broker-users.md).
 */
const NEVER_EMPTIED = { deny_purge: true, allow_rollup_hdrs: false };

/** What an installation may choose about its streams and buckets. */
export type TopologySettings = {
  /** How long a count of a rate limit is kept. */
  limitLifeSeconds?: number | undefined;
  /**
   * On how many servers of a cluster each stream and bucket is kept. Undefined leaves existing ones as they are, so that an
   * operator may choose at the broker, and keeps new ones on one server.
   */
  replicas?: number | undefined;
  /** Since when a new bucket of revocations is complete, in seconds since the epoch. */
  knownSince?: (() => number) | undefined;
};

/**
 * Makes the streams and buckets, or brings them up to date. Only auth calls it; several replicas may at once.
 * @param tokenLifeSeconds how long a revocation is kept
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
    subjects: eventSubjects(names, eventTypes),
    max_age: 30 * DAY_NS,
    duplicate_window: DUPLICATE_WINDOW_NS,
    ...copies,
  });
  await ensureStream(broker, {
    name: names.deadLetterStream,
    subjects: [names.deadLetter('>')],
    max_age: 0,
    // A consumer that was killed before it answered may store its letter again a day later.
    duplicate_window: DAY_NS,
    // A direct read is sent to any subject that the asker names (docs/broker-users.md).
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
    // Never shorter: a revocation must outlive tokens that were issued with a longer life.
    max_age: Math.max(max_age, tokenLifeSeconds * SECOND_NS),
    // Each logged-out session has a life of its own.
    allow_msg_ttl: true,
    ...copies,
  }));
}

/** @param atFirst options of a new bucket @param wanted changes to the stream of any bucket, by its configuration */
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
      // Another replica has made it since, with the same options.
      if (!isThere(fault)) throw fault;
    });
    return jsm.streams.info(stream);
  });
  const changed = { ...config, ...NEVER_EMPTIED, ...wanted(config) };
  if (!isDeepStrictEqual(changed, config)) await jsm.streams.update(config.name, changed);
}

/**
 * Makes again what the broker loses, and the event stream's subjects that an auth of an earlier release takes away, until
 * the signal aborts.
 * @param ensure makes all that is missing
 */
export function keepTopology(broker: Broker, ensure: () => Promise<void>, signal: AbortSignal): void {
  const { names, looks } = broker;
  let making: Promise<void> | undefined;
  const make = (): Promise<void> => {
    making ??= ensure().finally(() => {
      making = undefined;
    });
    return making;
  };
  const found = async ({ config }: StreamInfo): Promise<void> => {
    if (missingSubjects(names, config).length > 0) await make();
  };
  for (const stream of streamsOf(names)) {
    const keeping = stream === names.eventStream ? { gone: make, found } : { gone: make };
    looks.keep(stream, keeping, signal).catch(() => undefined);
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
    // An auth of an earlier release may have made it: the broker would not store what its subjects leave out.
    const missing = missingSubjects(names, config);
    if (missing.length > 0) throw new Error(`the event stream is without ${missing.join(', ')}`);
    // It is made last: when it exists, all exist.
    await broker.jsm.streams.info(`KV_${names.revocations}`);
  };
  await waitFor('auth to set up the event streams', check, log, signal);
}

/** Subjects of the event stream: one pattern for each group of events (`user.>`), and the replays. */
export function eventSubjects(names: BrokerNames, types: readonly string[]): string[] {
  const groups = new Set(types.flatMap((type) => type.split('.', 1)));
  return [...[...groups].map((group) => names.event(`${group}.>`)), names.replay('>')];
}

const missingSubjects = (names: BrokerNames, { subjects }: StreamConfig): string[] =>
  eventSubjects(names, eventTypes).filter((subject) => !subjects.includes(subject));

/**
 * Makes a stream or brings it up to date. It keeps subjects that it has beyond the given ones: a newer auth may have added
 * them while this one still runs.
 */
async function ensureStream(
  { jsm }: Broker,
  config: Pick<StreamConfig, 'name' | 'subjects' | 'max_age' | 'duplicate_window'> & Partial<StreamConfig>,
): Promise<void> {
  const full = { ...config, storage: StorageType.File, retention: RetentionPolicy.Limits };
  try {
    await jsm.streams.add(full);
  } catch (err) {
    if (!isThere(err)) throw err;
    const { subjects } = (await jsm.streams.info(config.name)).config;
    await jsm.streams.update(config.name, { ...full, subjects: merged(config.subjects, subjects) });
  }
}

/** The broker refuses subjects of one stream that overlap, so a stored one gives way to a wanted one. */
function merged(wanted: string[], stored: string[]): string[] {
  const overlaps = (subject: string) => wanted.some((one) => covers(one, subject) || covers(subject, one));
  return [...wanted, ...stored.filter((subject) => !overlaps(subject))];
}

/** Whether every subject of the second pattern is one of the first; `>` is the only wildcard that streams here have. */
const covers = (pattern: string, subject: string): boolean =>
  pattern === subject || (pattern.endsWith('>') && subject.startsWith(pattern.slice(0, -1)));

/** Whether a stream was not made because one of that name has other settings. */
const isThere = (err: unknown): boolean => err instanceof JetStreamApiError && err.code === STREAM_EXISTS;
