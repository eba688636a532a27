import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { Broker } from '@quartet/common/events/broker/broker.ts';
import { knownSinceOf } from '@quartet/common/events/kv/known-since.ts';
import { type KeptName, keptAtBroker, streamOf } from '../faults/data-loss.ts';

export type Kept = {
  /** The order is oldest first; `place` is the position in the stream. */
  events: { place: number; text: string }[];
  /** A consumer has handled every event up to this place, and perhaps later ones. */
  handledTo: ReadonlyMap<string, number>;
  deadLetters: string[];
  revocations: Memory | undefined;
};

/** Times are in milliseconds since the epoch; `sinceMs` is when the memory begins. */
export type Memory = { madeAtMs: number; sinceMs: number };

export const nothingKept: Kept = {
  ...{ events: [], handledTo: new Map(), deadLetters: [] },
  revocations: undefined,
};

export const CONSUMERS = ['items', 'notifier'] as const;
const FETCH_WITHIN_MS = 10_000;
const ASK_WITHIN_MS = 500;
const NOT_THERE = new Set<number>([JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound]);

export async function readKept(broker: Broker): Promise<Kept> {
  const { eventStream, deadLetterStream } = broker.names;
  // In this order, an event that is handled meanwhile counts as not handled.
  const handledTo = await readHandled(broker);
  const bucket = await ifThere(broker.jsm.streams.info(streamOf('REVOCATIONS', broker.names)));
  return {
    handledTo,
    events: (await ifThere(readStream(broker, eventStream))) ?? [],
    deadLetters: ((await ifThere(readStream(broker, deadLetterStream))) ?? []).map(({ text }) => text),
    revocations: bucket && { madeAtMs: Date.parse(bucket.created), sinceMs: knownSinceOf(bucket) * 1_000 },
  };
}

export async function readHandled({ jsm, names }: Broker): Promise<Map<string, number>> {
  const handledTo = new Map<string, number>();
  for (const consumer of CONSUMERS) {
    const info = await ifThere(jsm.consumers.info(names.eventStream, consumer));
    handledTo.set(consumer, info?.ack_floor.stream_seq ?? 0);
  }
  return handledTo;
}

/** @throws {Error} when something is missing, or the broker does not answer soon */
export async function allKept({ jsm, names }: Broker): Promise<void> {
  await soon(Promise.all(keptAtBroker.map((kept) => jsm.streams.info(streamOf(kept, names)))));
}

/** @throws {Error} long before the client's own timeout, because the broker may be dead */
export async function soon<T>(asked: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = delay(ASK_WITHIN_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error('the broker does not answer');
  });
  return Promise.race([asked, late]).finally(() => answered.abort());
}

/** Returns milliseconds since the epoch, or undefined when there is none. */
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
