import type { MsgHdrs } from '@nats-io/transport-node';
import * as z from 'zod';
import { unavailable } from '../../errors.ts';
import type { Page } from '../../http/input/fields.ts';
import type { Broker } from '../broker/broker.ts';
import { isGone } from '../broker/stream-identity.ts';
import { setDeliveryHistory } from '../consumer/delivery-history.ts';
import { traceIn, traceOf } from '../trace-messages.ts';
import { type StoredLetter, storedLetter } from './dead-letter.ts';
import { readBackwards } from './stream-page.ts';

/** A message that a consumer gave up. */
export type DeadLetter = StoredLetter & { id: string };

/** What consumers gave up, kept until somebody replays or discards it. */
export type DeadLetters = {
  /** Newest first; `count` is that of all that match. */
  list(filter: { consumer?: string | undefined }, page: Page): Promise<{ data: DeadLetter[]; count: number }>;
  /** Undefined when there is none of this id, whatever its form. */
  find(id: string): Promise<DeadLetter | undefined>;
  /** Sends the event once more to the consumer that gave it up. False when there is no such letter. */
  replay(id: string): Promise<boolean>;
  /** False when there is no such letter, or somebody else was first. */
  discard(id: string): Promise<boolean>;
};

/** A message of the stream, wherever it was read from. */
type Stored = { seq: number; subject: string; time: Date; header: MsgHdrs; string(): string };

const ID = /^[1-9]\d{0,14}$/;
const CONSUMER = /^[\w-]+$/;

/**
 * Opens the dead letters of this installation; several processes may. Everything rejects with an `unavailable` {@link AppError} while
 * the broker has lost them, until they are made again.
 */
export function openDeadLetters(broker: Broker): DeadLetters {
  const { jsm, js, names } = broker;
  const stream = names.deadLetterStream;
  const whileThere = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (err) {
      if (isGone(err)) throw unavailable();
      throw err;
    }
  };

  const get = async (id: string): Promise<Stored | undefined> =>
    ID.test(id) ? ((await jsm.streams.getMessage(stream, { seq: Number(id) })) ?? undefined) : undefined;

  const remove = async (seq: number): Promise<boolean> => {
    try {
      // Not overwritten on disk: letters hold no secrets, and it takes many times as long.
      return await jsm.streams.deleteMessage(stream, seq, false);
    } catch (err) {
      // Brokers word this differently; somebody else was quicker if it is gone.
      if (await jsm.streams.getMessage(stream, { seq })) throw err;
      return false;
    }
  };

  const replay = async (id: string): Promise<boolean> => {
    const stored = await get(id);
    if (!stored) return false;
    const { consumer, event, subject, first_seen_at, attempts, ...end } = toDeadLetter(stored);
    const { reason, dead_at } = end;
    const headers = traceIn(traceOf(stored.header));
    const history = [...end.history, { reason, attempts, dead_at }];
    setDeliveryHistory(headers, { subject, first_seen_at, attempts, history });
    // Published first: a crash in between leaves the letter, and a second replay under the same id is none.
    await js.publish(names.replay(consumer), typeof event === 'string' ? event : JSON.stringify(event), {
      msgID: `replay-${id}-${dead_at}`,
      headers,
    });
    await remove(stored.seq);
    return true;
  };

  return {
    async list({ consumer }, page) {
      if (consumer !== undefined && !CONSUMER.test(consumer)) return { data: [], count: 0 };
      const subject = names.deadLetter(consumer ?? '>');
      const { messages, count } = await whileThere(readBackwards({ broker, stream, subject }, page));
      return { data: messages.map(toDeadLetter), count };
    },
    async find(id) {
      const stored = await whileThere(get(id));
      return stored && toDeadLetter(stored);
    },
    replay: (id) => whileThere(replay(id)),
    discard: async (id) => (ID.test(id) ? whileThere(remove(Number(id))) : false),
  };
}

function toDeadLetter(stored: Omit<Stored, 'header'>): DeadLetter {
  const id = String(stored.seq);
  const text = stored.string();
  // The broker lets a service write letters of its own consumer only: what they say of themselves is not to be believed.
  const consumer = stored.subject.slice(stored.subject.lastIndexOf('.') + 1);
  try {
    return { id, ...storedLetter.extend({ consumer: z.literal(consumer) }).parse(JSON.parse(text)) };
  } catch {
    // Nobody here wrote that; it must not hide the others.
    const at = stored.time.toISOString();
    const reason = 'not written by a consumer';
    const rest = { subject: stored.subject, attempts: 0, first_seen_at: at, dead_at: at, history: [] };
    return { id, consumer, reason, event: text, ...rest };
  }
}
