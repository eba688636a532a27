import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamError,
  type JsMsg,
} from '@nats-io/jetstream';
import type { Page } from '../../http/input/fields.ts';
import type { Broker } from '../broker/broker.ts';

type Source = { broker: Broker; stream: string; subject: string };

/** `count` messages exist from the sequence `first` on. */
type Rest = { count: number; first: number };

/** The broker removes the reader of a killed process after this time. */
const READER_LIVES_NS = 10_000_000_000;
/** At the largest size, half of what the broker buffers before it closes a connection. */
const AT_ONCE = 32;
/** The client's minimum; it passes completely only when a message was removed meanwhile. */
const SENT_WITHIN_MS = 1_000;
/** Without a connection the client would wait forever. */
const READ_WITHIN_MS = 5_000;
const MOST_READERS = 5;
const NO_RESPONDERS = 503;
const TRY_AGAIN_MS = 20;
const MOST_TRIES = 50;

/** Reads a page, newest first: a stream is only read forwards, so the start of the page is searched for. */
export async function readBackwards(
  source: Source,
  { skip, limit }: Page,
): Promise<{ messages: JsMsg[]; count: number }> {
  const { state } = await source.broker.jsm.streams.info(source.stream);
  // It is 0 while there has been no message.
  const first = Math.max(1, state.first_seq);
  const all = { count: await countFrom(source, first), first };
  const size = Math.min(limit, all.count - skip);
  if (size <= 0) return { messages: [], count: all.count };
  const begin = await findBegin(source, all, state.last_seq + 1, skip + size);
  const messages = await readForwards(source, begin, size);
  return { messages: messages.toReversed(), count: all.count };
}

/** Finds the last sequence from which `wanted` messages exist; `end` follows the last message. */
async function findBegin(source: Source, all: Rest, end: number, wanted: number): Promise<number> {
  let low = all;
  let high: Rest = { count: 0, first: end };
  for (let step = 0; low.count > wanted && high.first - low.first > 1; step += 1) {
    // Guesses alternate between interpolation, which is fast, and bisection, which is sure to end.
    const share = step % 2 === 0 ? (low.count - wanted) / (low.count - high.count) : 0.5;
    const guess = low.first + Math.round(share * (high.first - low.first));
    const first = Math.max(low.first + 1, Math.min(guess, high.first - 1));
    const count = await countFrom(source, first);
    if (count >= wanted) low = { count, first };
    else high = { count, first };
  }
  return low.first;
}

const countFrom = (source: Source, seq: number): Promise<number> =>
  withReader(source, seq, async ({ num_pending }) => num_pending);

async function readForwards(source: Source, seq: number, size: number): Promise<JsMsg[]> {
  for (let readers = 1; readers <= MOST_READERS; readers += 1) {
    const messages = await withReader(source, seq, async (reader) => {
      const consumer = source.broker.js.consumers.getConsumerFromInfo(reader);
      return readAll(consumer, Math.min(size, reader.num_pending));
    });
    if (messages) return messages;
  }
  throw new Error(`a page of ${source.stream} was cut short again and again`);
}

/** Undefined when a message was removed, or the connection was lost. */
async function readAll(consumer: Consumer, size: number): Promise<JsMsg[] | undefined> {
  const messages: JsMsg[] = [];
  while (messages.length < size) {
    const wanted = Math.min(AT_ONCE, size - messages.length);
    const read = await whenKnown(() => readSome(consumer, wanted));
    if (read.length < wanted) return undefined;
    messages.push(...read);
  }
  const isWhole = messages.every(({ info }, at) => info.deliverySequence === at + 1);
  return isWhole ? messages : undefined;
}

async function readSome(consumer: Consumer, wanted: number): Promise<JsMsg[]> {
  const messages: JsMsg[] = [];
  // Unbound, the client would look up the consumer after a reconnection, without a permission for it.
  const fetched = await consumer.fetch({ max_messages: wanted, expires: SENT_WITHIN_MS, bind: true });
  const timer = setTimeout(() => void fetched.close(), READ_WITHIN_MS);
  try {
    for await (const message of fetched) {
      messages.push(message);
      if (messages.length === wanted) break;
    }
  } finally {
    clearTimeout(timer);
  }
  return messages;
}

async function whenKnown<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read();
    } catch (err) {
      if (!isUnknownYet(err) || tries === MOST_TRIES) throw err;
      await delay(TRY_AGAIN_MS);
    }
  }
}

/** In a cluster, a server may not know a new consumer yet. */
const isUnknownYet = (err: unknown): boolean =>
  err instanceof JetStreamError && 'code' in err && err.code === NO_RESPONDERS;

async function withReader<T>(
  { broker, stream, subject }: Source,
  seq: number,
  use: (reader: ConsumerInfo) => Promise<T>,
): Promise<T> {
  const { consumers } = broker.jsm;
  const reader = await consumers.add(stream, {
    name: `page-${randomUUID()}`,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: seq,
    filter_subject: subject,
    inactive_threshold: READER_LIVES_NS,
    mem_storage: true,
    num_replicas: 1,
  });
  try {
    return await use(reader);
  } finally {
    // Nothing waits for this, since the consumer expires by itself.
    consumers.delete(stream, reader.name).catch(() => undefined);
  }
}
