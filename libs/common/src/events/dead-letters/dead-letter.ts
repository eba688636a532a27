import type { JsMsg } from '@nats-io/jetstream';
import * as z from 'zod';
import type { Broker } from '../broker/broker.ts';
import { type DeliveryHistory, formerEnd } from '../consumer/delivery-history.ts';
import { traceIn, traceOf } from '../trace-messages.ts';

const LONGEST_REASON = 1_000;
const HEADERS_ROOM = 65_536;
const BYTES_A_CHARACTER = 6;

/** The id of a stored letter is its sequence in the stream. */
export const storedLetter = z.object({
  consumer: z.string(),
  /** The event's type, as the broker's subject names it. */
  subject: z.string(),
  reason: z.string(),
  /** Counted over all replays. */
  attempts: z.number(),
  /** The envelope, or the raw text when it is none. */
  event: z.unknown(),
  first_seen_at: z.string(),
  dead_at: z.string(),
  /** Earlier ends of a replayed event, oldest first. */
  history: z.array(formerEnd).default([]),
});

export type StoredLetter = z.output<typeof storedLetter>;

/** Stores a dead letter before its message is answered: after a crash, the broker drops a copy by its id. */
export async function deadLetter(
  broker: Broker,
  consumer: string,
  message: JsMsg,
  end: { past: DeliveryHistory; attempts: number; reason: string },
): Promise<void> {
  const { names, js, nc } = broker;
  const { past } = end;
  const letter: StoredLetter = {
    consumer,
    subject: past.subject,
    reason: shortened(end.reason),
    attempts: past.attempts + end.attempts,
    event: objectOrText(message.string()),
    first_seen_at: past.first_seen_at,
    dead_at: new Date().toISOString(),
    history: past.history,
  };
  const most = (nc.info?.max_payload ?? 1_048_576) - HEADERS_ROOM;
  await js.publish(names.deadLetter(consumer), fitting(letter, message.string(), most), {
    msgID: letterId(consumer, message),
    headers: traceIn(traceOf(message.headers)),
  });
}

/** The id contains the time, since another stream of the same name reuses sequences. */
export const letterId = (consumer: string, { seq, info }: JsMsg): string =>
  `${consumer}-${seq}-${info.timestampNanos}`;

/** Cuts a reason to the length that is stored. */
export const shortened = (reason: string): string => reason.slice(0, LONGEST_REASON);

/** A message of nearly the largest size would not fit into a letter, and would be delivered forever. */
function fitting(letter: StoredLetter, text: string, most: number): string {
  const whole = JSON.stringify(letter);
  if (Buffer.byteLength(whole) <= most) return whole;
  const reason = `${letter.reason} (the message was too large to be kept whole)`;
  const event = text.slice(0, Math.floor(most / 2 / BYTES_A_CHARACTER));
  return JSON.stringify({ ...letter, reason, event });
}

/** Other JSON stays text, since a replay must send the same text. */
function objectOrText(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : text;
  } catch {
    return text;
  }
}
