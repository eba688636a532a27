import type { MsgHdrs } from '@nats-io/transport-node';
import * as z from 'zod';
import { unavailable } from '../../errors.ts';
import type { Page } from '../../http/input/fields.ts';
import type { Broker } from '../broker/broker.ts';
import { isGone } from '../broker/stream-identity.ts';
import { setDeliveryHistory } from '../consumer/delivery-history.ts';
import { backlogOf } from '../status/backlog.ts';
import type { Backlog } from '../status/status-report.ts';
import { traceIn, traceOf } from '../trace-messages.ts';
import { type StoredLetter, storedLetter } from './dead-letter.ts';
import { readBackwards } from './stream-page.ts';

export type DeadLetter = StoredLetter & { id: string };

export type DeadLetters = {
  /** Newest first; `count` includes all matches. */
  list(filter: { consumer?: string | undefined }, page: Page): Promise<{ data: DeadLetter[]; count: number }>;
  /** Undefined when no letter has this id, also for a malformed id. */
  find(id: string): Promise<DeadLetter | undefined>;
  /** `replay` and `discard` return false when there is no such letter. */
  replay(id: string): Promise<boolean>;
  discard(id: string): Promise<boolean>;
};

type Stored = { seq: number; subject: string; time: Date; header: MsgHdrs; string(): string };

const ID = /^[1-9]\d{0,14}$/;
const CONSUMER = /^[\w-]+$/;

/** Opens the dead letters. @throws {AppError} from every method: `unavailable` while their stream is lost */
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
      // Overwriting it on disk takes many times as long, and letters hold no secrets.
      return await jsm.streams.deleteMessage(stream, seq, false);
    } catch (err) {
      // If the letter is gone, another process was first; brokers report that differently.
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
    // After a crash in between, the letter is left, and the broker drops a second replay by its id.
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
  // The subject names the consumer, since a service may write letters of its own consumer only.
  const consumer = stored.subject.slice(stored.subject.lastIndexOf('.') + 1);
  try {
    return { id, ...storedLetter.extend({ consumer: z.literal(consumer) }).parse(JSON.parse(text)) };
  } catch {
    // An unreadable letter must not hide the others.
    const at = stored.time.toISOString();
    const reason = 'not written by a consumer';
    const rest = { subject: stored.subject, attempts: 0, first_seen_at: at, dead_at: at, history: [] };
    return { id, consumer, reason, event: text, ...rest };
  }
}

/** Returns the number of dead letters, and the age of the oldest. @throws when the broker is away or lost them */
export async function deadLetterBacklog({ jsm, names }: Broker): Promise<Backlog> {
  const { state } = await jsm.streams.info(names.deadLetterStream);
  return backlogOf(state.messages, new Date(state.first_ts));
}
