import { isDeepStrictEqual } from 'node:util';
import {
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { KvOptions } from '@nats-io/kv';
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
/** A ticket says itself when it expires, which is earlier. */
const TICKETS_LIVE_MS = 60_000;
const MOST_TICKET_BYTES = 64_000_000;
const STREAM_EXISTS = 10_058;

/** Otherwise a reply subject or a header could purge a bucket or roll it up (docs/broker-users.md). */
const NEVER_EMPTIED = { deny_purge: true, allow_rollup_hdrs: false };

export type TopologySettings = {
  limitLifeSeconds?: number | undefined;
  /** The servers that keep each stream; undefined leaves existing ones unchanged, and keeps new ones on 1. */
  replicas?: number | undefined;
  /** In seconds since the epoch: when a new bucket of revocations becomes complete. */
  knownSince?: (() => number) | undefined;
};

/** Creates or updates streams and buckets. @throws {JetStreamApiError} when `replicas` exceeds the servers */
export async function ensureTopology(
  broker: Broker,
  tokenLifeSeconds: number,
  { limitLifeSeconds = DAY_SECONDS, replicas, knownSince }: TopologySettings = {},
): Promise<void> {
  const { names } = broker;
  const copies = replicas === undefined ? {} : { num_replicas: replicas };
  await ensureStream(
    broker,
    {
      name: names.eventStream,
      subjects: eventSubjects(names, eventTypes),
      max_age: 30 * DAY_NS,
      duplicate_window: DUPLICATE_WINDOW_NS,
      ...copies,
    },
    // A recreated stream repeats no sequence of the former: readers of live updates continue after one.
    Date.now(),
  );
  await ensureStream(broker, {
    name: names.deadLetterStream,
    subjects: [names.deadLetter('>')],
    max_age: 0,
    // A consumer that was killed before it answered may store its letter again a day later.
    duplicate_window: DAY_NS,
    // A direct read can be sent to any subject (docs/broker-users.md).
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
  await ensureBucket(
    broker,
    names.tickets,
    () => ({ ttl: TICKETS_LIVE_MS, max_bytes: MOST_TICKET_BYTES }),
    () => copies,
  );
  const withBeginning = () => ({
    ttl: tokenLifeSeconds * 1000,
    ...(knownSince ? { metadata: knownSinceMetadata(knownSince()) } : {}),
  });
  await ensureBucket(broker, names.revocations, withBeginning, ({ max_age }) => ({
    // A revocation must outlive tokens that were issued with a longer life.
    max_age: Math.max(max_age, tokenLifeSeconds * SECOND_NS),
    // Each logged-out session expires on its own.
    allow_msg_ttl: true,
    ...copies,
  }));
}

async function ensureBucket(
  { kvm, jsm }: Broker,
  name: string,
  atFirst: () => Partial<KvOptions>,
  wanted: (config: StreamConfig) => Partial<StreamConfig>,
): Promise<void> {
  const stream = `KV_${name}`;
  const { config } = await jsm.streams.info(stream).catch(async (err: unknown) => {
    if (!isGone(err)) throw err;
    await kvm.create(name, { history: 1, ...atFirst() }).catch((fault: unknown) => {
      if (!isThere(fault)) throw fault;
    });
    return jsm.streams.info(stream);
  });
  const changed = { ...config, ...NEVER_EMPTIED, ...wanted(config) };
  if (!isDeepStrictEqual(changed, config)) await jsm.streams.update(config.name, changed);
}

/** Restores lost streams, and subjects that an earlier release removes, until the signal aborts. */
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

const streamsOf = ({
  eventStream,
  deadLetterStream,
  routes,
  limits,
  tickets,
  revocations,
}: BrokerNames): string[] => [
  eventStream,
  deadLetterStream,
  ...[routes, limits, tickets, revocations].map((bucket) => `KV_${bucket}`),
];

/** Waits until auth has made the streams and buckets. */
export async function waitForTopology(broker: Broker, log: Log, signal: AbortSignal): Promise<void> {
  const { names } = broker;
  const check = async () => {
    const { config } = await broker.jsm.streams.info(names.eventStream);
    // An auth of an earlier release may have made it without the subjects of newer events.
    const missing = missingSubjects(names, config);
    if (missing.length > 0) throw new Error(`the event stream is without ${missing.join(', ')}`);
    // This bucket is made last: when it exists, all exist.
    await broker.jsm.streams.info(`KV_${names.revocations}`);
  };
  await waitFor('auth to set up the event streams', check, log, signal);
}

/** Returns one subject for each group of events, such as `user.>`, and one for replays. */
export function eventSubjects(names: BrokerNames, types: readonly string[]): string[] {
  const groups = new Set(types.flatMap((type) => type.split('.', 1)));
  return [...[...groups].map((group) => names.event(`${group}.>`)), names.replay('>')];
}

const missingSubjects = (names: BrokerNames, { subjects }: StreamConfig): string[] =>
  eventSubjects(names, eventTypes).filter((subject) => !subjects.includes(subject));

/** The stream keeps other subjects that it has, since a newer auth may have added them. */
async function ensureStream(
  { jsm }: Broker,
  config: Pick<StreamConfig, 'name' | 'subjects' | 'max_age' | 'duplicate_window'> & Partial<StreamConfig>,
  first_seq = 1,
): Promise<void> {
  const full = { ...config, storage: StorageType.File, retention: RetentionPolicy.Limits };
  try {
    await jsm.streams.add({ ...full, first_seq });
  } catch (err) {
    if (!isThere(err)) throw err;
    const { subjects } = (await jsm.streams.info(config.name)).config;
    await jsm.streams.update(config.name, { ...full, subjects: merged(config.subjects, subjects) });
  }
}

/** The broker refuses overlapping subjects in a stream, so a wanted one replaces a stored one. */
function merged(wanted: string[], stored: string[]): string[] {
  const overlaps = (subject: string) => wanted.some((one) => covers(one, subject) || covers(subject, one));
  return [...wanted, ...stored.filter((subject) => !overlaps(subject))];
}

/** `>` is the only wildcard in these streams. */
const covers = (pattern: string, subject: string): boolean =>
  pattern === subject || (pattern.endsWith('>') && subject.startsWith(pattern.slice(0, -1)));

/** Whether a stream of that name exists with other settings. */
const isThere = (err: unknown): boolean => err instanceof JetStreamApiError && err.code === STREAM_EXISTS;
