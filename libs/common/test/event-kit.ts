import { type Collection, ObjectId } from 'mongodb';
import { type Broker, connectBroker } from '../src/events/broker/broker.ts';
import { createEvent } from '../src/events/envelope.ts';
import type { OutboxEntry, Outboxed } from '../src/events/outbox/outbox.ts';
import { createLog, type Log } from '../src/process/logging.ts';

export type Stored = {
  seq: number;
  subject: string;
  id: string | undefined;
  traceparent: string;
  text: string;
};

/** Makes an outbox entry of `item.created`; `n` orders entries by time. */
export function itemEvent(n = 0, traceparent?: string): OutboxEntry {
  const id = new ObjectId().toHexString();
  const data = { item_id: id, owner_id: '0'.repeat(24) };
  const event = createEvent('item.created', id, data, new Date(1_700_000_000_000 + n));
  return traceparent === undefined ? event : { ...event, traceparent };
}

export const documentWith = (...outbox: OutboxEntry[]): Outboxed => ({ _id: new ObjectId(), outbox });

/** Returns all messages of a stream, oldest first. */
export async function stored(broker: Broker, stream = broker.names.eventStream): Promise<Stored[]> {
  const { state } = await broker.jsm.streams.info(stream);
  const messages: Stored[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
    const message = await broker.jsm.streams.getMessage(stream, { seq });
    if (!message) continue;
    messages.push({
      seq,
      subject: message.subject,
      id: message.header?.get('Nats-Msg-Id'),
      traceparent: message.header?.get('traceparent') ?? '',
      text: message.string(),
    });
  }
  return messages;
}

export const storedIds = async (broker: Broker) => (await stored(broker)).map(({ id }) => id);

/** Makes a log whose lines a test can read. */
export function recordingLog(): { log: Log; lines: () => Record<string, unknown>[] } {
  const lines: string[] = [];
  const log = createLog('test', 'debug', { write: (line) => void lines.push(line) });
  return { log, lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** Connects as a service does. */
export async function connectTo(url: string, log: Log, namespace?: string) {
  const controller = new AbortController();
  const broker = await connectBroker({
    servers: [url],
    namespace,
    name: 'test',
    log,
    signal: controller.signal,
  });
  return { broker, signal: controller.signal, abort: () => controller.abort() };
}

export const left = <D extends Outboxed>(collection: Collection<D>) => collection.countDocuments();
