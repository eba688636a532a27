import { JetStreamApiError, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import type { Log } from '../logging.ts';
import { waitFor } from '../wait-for.ts';
import type { Broker } from './broker.ts';
import type { BrokerNames } from './names.ts';

const SECOND_NS = 1_000_000_000;
const DAY_SECONDS = 86_400;
const DAY_NS = DAY_SECONDS * SECOND_NS;
const DUPLICATE_WINDOW_NS = 600 * SECOND_NS;
const STREAM_EXISTS = 10_058;

/**
 * Makes the streams and buckets, or brings them up to date. Only auth calls it; several replicas may at once.
 * @param tokenLifeSeconds how long a revocation must be remembered
 * @param limitLifeSeconds how long a count of a rate limit must be remembered
 */
export async function ensureTopology(
  broker: Broker,
  tokenLifeSeconds: number,
  limitLifeSeconds: number = DAY_SECONDS,
): Promise<void> {
  const { names, kvm } = broker;
  await ensureStream(broker, {
    name: names.eventStream,
    subjects: eventSubjects(names),
    max_age: 30 * DAY_NS,
    duplicate_window: DUPLICATE_WINDOW_NS,
  });
  await ensureStream(broker, {
    name: names.deadLetterStream,
    subjects: [names.deadLetter('>')],
    max_age: 0,
    // A consumer that is killed before it ends a delivery may come back late, and there are few dead letters.
    duplicate_window: DAY_NS,
    allow_direct: true,
  });
  await kvm.create(names.routes, { history: 1 });
  await ensureLimits(broker, limitLifeSeconds);
  const ttl = tokenLifeSeconds * 1000;
  const lifeNs = tokenLifeSeconds * SECOND_NS;
  const revocations = await kvm.create(names.revocations, { history: 1, ttl });
  const { config } = (await revocations.status()).streamInfo;
  // Never shorter: tokens that were minted with a longer life are still about, and their revocations must outlive them.
  const max_age = Math.max(config.max_age, lifeNs);
  // A logged-out session has a time of its own.
  if (config.max_age < lifeNs || !config.allow_msg_ttl) {
    await broker.jsm.streams.update(config.name, { ...config, max_age, allow_msg_ttl: true });
  }
}

async function ensureLimits({ kvm, jsm, names }: Broker, lifeSeconds: number): Promise<void> {
  const lifeNs = lifeSeconds * SECOND_NS;
  const limits = await kvm.create(names.limits, { history: 1, ttl: lifeSeconds * 1000 });
  const { config } = (await limits.status()).streamInfo;
  if (config.max_age === lifeNs) return;
  const duplicate_window = Math.min(config.duplicate_window, lifeNs);
  await jsm.streams.update(config.name, { ...config, max_age: lifeNs, duplicate_window });
}

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

const eventSubjects = (names: BrokerNames): string[] => [
  ...['user.>', 'password.>', 'item.>'].map(names.event),
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
    if (!(err instanceof JetStreamApiError) || err.code !== STREAM_EXISTS) throw err;
    await broker.jsm.streams.update(config.name, full);
  }
}
