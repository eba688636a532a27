import { JetStreamError, type StoredMsg } from '@nats-io/jetstream';
import type { Page } from '../http/fields.ts';
import { type Broker, isServerFrom } from './broker.ts';

/** Messages of one subject in a stream. */
type Source = { broker: Broker; stream: string; subject: string };

/** From some sequence on: how many messages there are, and where the first of them is. */
type Rest = { count: number; first: number };

const NOT_FOUND = 404;

/**
 * One page of a stream's messages on a subject, newest first, and how many there are in all. A stream is only read
 * forwards, and what was deleted leaves gaps in it. So the page's begin is searched for; each step is a question that
 * the broker answers out of its index. The stream must allow direct reads.
 */
export async function readBackwards(
  source: Source,
  { skip, limit }: Page,
): Promise<{ messages: StoredMsg[]; count: number }> {
  const all = await restFrom(source, 1);
  const size = Math.min(limit, all.count - skip);
  if (size <= 0) return { messages: [], count: all.count };
  const begin = await findBegin(source, all, skip + size);
  const messages = await readForwards(source, begin, size);
  return { messages: messages.toReversed(), count: all.count };
}

/** The sequence from which on there are `wanted` messages. */
async function findBegin(source: Source, all: Rest, wanted: number): Promise<number> {
  const { broker, stream, subject } = source;
  const newest = await broker.jsm.direct.getMessage(stream, { last_by_subj: subject });
  let low = all;
  let high: Rest = { count: 0, first: (newest?.seq ?? all.first) + 1 };
  for (let step = 0; low.count > wanted && high.first - low.first > 1; step += 1) {
    // By turns where it is if the gaps are even, and the middle, which is sure to come to an end.
    const share = step % 2 === 0 ? (low.count - wanted) / (low.count - high.count) : 0.5;
    const guess = low.first + Math.round(share * (high.first - low.first));
    const seq = Math.max(low.first + 1, Math.min(guess, high.first - 1));
    const rest = await restFrom(source, seq);
    if (rest.count >= wanted) low = rest;
    else high = { count: rest.count, first: seq };
  }
  return low.first;
}

async function restFrom(source: Source, seq: number): Promise<Rest> {
  const [message] = await readForwards(source, seq, 1);
  if (!message) return { count: 0, first: seq };
  // Before 2.12 the broker counted the message itself among those behind it.
  const itself = isServerFrom(source.broker, 2, 12) ? 1 : 0;
  return { count: message.pending + itself, first: message.seq };
}

async function readForwards(
  { broker, stream, subject }: Source,
  seq: number,
  batch: number,
): Promise<StoredMsg[]> {
  const messages: StoredMsg[] = [];
  try {
    const found = await broker.jsm.direct.getBatch(stream, { seq, next_by_subj: subject, batch });
    for await (const message of found) messages.push(message);
  } catch (err) {
    if (!(err instanceof JetStreamError && 'code' in err && err.code === NOT_FOUND)) throw err;
  }
  return messages;
}
