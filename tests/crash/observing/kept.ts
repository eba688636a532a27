import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { Broker } from '@quartet/common/events/broker/broker.ts';
import { knownSinceOf } from '@quartet/common/events/kv/known-since.ts';
import { type KeptName, keptAtBroker, streamOf } from '../faults/data-loss.ts';

/** What the broker keeps, or kept until it lost it, as far as the promise depends on it. */
export type Kept = {
  /** Oldest first, with the place in the stream. */
  events: { place: number; text: string }[];
  /** By consumer: up to this place everything is handled; some behind it may be. */
  handledTo: ReadonlyMap<string, number>;
  deadLetters: string[];
  /** Its memory of revocations. */
  revocations: Memory | undefined;
};

/** When a bucket of revocations was made, and since when it knows them, in milliseconds since the epoch. */
export type Memory = { madeAtMs: number; sinceMs: number };

export const nothingKept: Kept = {
  ...{ events: [], handledTo: new Map(), deadLetters: [] },
  revocations: undefined,
};

export const CONSUMERS = ['items', 'notifier'] as const;
const FETCH_WITHIN_MS = 10_000;
const ASK_WITHIN_MS = 500;
const NOT_THERE = new Set<number>([JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound]);

/** Reads all there is; what is not there is read as empty. */
export async function readKept(broker: Broker): Promise<Kept> {
  const { eventStream, deadLetterStream } = broker.names;
  // Before the events: what is handled meanwhile then counts as not handled, and none the other way round.
  const handledTo = await readHandled(broker);
  const bucket = await ifThere(broker.jsm.streams.info(streamOf('REVOCATIONS', broker.names)));
  return {
    handledTo,
    events: (await ifThere(readStream(broker, eventStream))) ?? [],
    deadLetters: ((await ifThere(readStream(broker, deadLetterStream))) ?? []).map(({ text }) => text),
    revocations: bucket && { madeAtMs: Date.parse(bucket.created), sinceMs: knownSinceOf(bucket) * 1_000 },
  };
}

/** How far each consumer has handled everything. */
export async function readHandled({ jsm, names }: Broker): Promise<Map<string, number>> {
  const handledTo = new Map<string, number>();
  for (const consumer of CONSUMERS) {
    const info = await ifThere(jsm.consumers.info(names.eventStream, consumer));
    handledTo.set(consumer, info?.ack_floor.stream_seq ?? 0);
  }
  return handledTo;
}

/** @throws unless everything is there that auth makes; soon, also when the broker is just away */
export async function allKept({ jsm, names }: Broker): Promise<void> {
  await soon(Promise.all(keptAtBroker.map((kept) => jsm.streams.info(streamOf(kept, names)))));
}

/** @throws when the broker has not answered soon: it may have been killed meanwhile, and the client waits for longer */
export async function soon<T>(asked: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = delay(ASK_WITHIN_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error('the broker does not answer');
  });
  return Promise.race([asked, late]).finally(() => answered.abort());
}

/** When a stream or bucket was made, in milliseconds since the epoch; undefined when there is none. */
export async function madeAtMs({ jsm, names }: Broker, kept: KeptName): Promise<number | undefined> {
  const info = await ifThere(jsm.streams.info(streamOf(kept, names)));
  return info && Date.parse(info.created);
}

async function readStream({ js, jsm }: Broker, stream: string): Promise<Kept['events']> {
  const { state } = await jsm.streams.info(stream);
  const read: Kept['events'] = [];
  if (state.messages === 0) return read;
  const consumer = await js.consumers.get(stream);
  const messages = await consumer.fetch({ max_messages: state.messages, expires: FETCH_WITHIN_MS });
  for await (const message of messages) read.push({ place: message.seq, text: message.string() });
  if (read.length < state.messages) {
    throw new Error(`only ${read.length} of ${state.messages} messages of ${stream} could be read`);
  }
  return read;
}

const ifThere = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((err: unknown) => {
    if (err instanceof JetStreamApiError && NOT_THERE.has(err.code)) return undefined;
    throw err;
  });
