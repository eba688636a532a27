import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, type Consumer, DeliverPolicy, JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import type { Log } from '../logging.ts';
import type { Broker } from './broker.ts';
import type { EventType } from './contracts.ts';

/** How many messages a process has in hand at a time. */
export const IN_FLIGHT = 32;
/** How long the broker waits for a sign of life before it delivers a message again. */
export const ACK_WAIT_MS = 30_000;

const RESTART_MS = 1_000;
const HAND_BACK_MS = 500;
const STRAGGLERS_MS = 200;
const CONSUMER_EXISTS = 10_148;

/** Makes a service's durable consumer, or gives it the event types that the service handles now. */
export async function ensureConsumer(broker: Broker, name: string, types: EventType[]): Promise<void> {
  const { jsm, names } = broker;
  const config = {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    filter_subjects: types.map(names.event),
    ack_wait: ACK_WAIT_MS * 1_000_000,
    // Attempts are counted here, not by the broker: a message it gave up would be in nobody's hands.
    max_deliver: -1,
    max_ack_pending: 1_000,
  };
  try {
    await jsm.consumers.add(names.eventStream, config);
  } catch (err) {
    if (!(err instanceof JetStreamApiError) || err.code !== CONSUMER_EXISTS) throw err;
    await jsm.consumers.update(names.eventStream, name, config);
  }
}

/** Takes messages until the signal aborts; begins again, with the consumer made anew if need be, when that fails. */
export async function consumeUntil(options: {
  broker: Broker;
  name: string;
  types: EventType[];
  take: (message: JsMsg) => Promise<void>;
  log: Log;
  signal: AbortSignal;
}): Promise<void> {
  const { broker, name, types, take, log, signal } = options;
  while (!signal.aborted) {
    try {
      const consumer = await broker.js.consumers.get(broker.names.eventStream, name);
      await consumeOnce(consumer, take, signal);
    } catch (err) {
      if (!signal.aborted) log.warn({ err, consumer: name }, 'consuming failed, starting again');
    }
    await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await ensureConsumer(broker, name, types).catch(() => undefined);
  }
}

async function consumeOnce(
  consumer: Consumer,
  take: (message: JsMsg) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const messages = await consumer.consume({ max_messages: IN_FLIGHT, abort_on_missing_resource: true });
  let taking = false;
  const stop = () => void (taking || messages.close());
  /** Leaves time for what is on its way here to pass through the loop below. */
  const stopSoon = () => void delay(STRAGGLERS_MS).then(() => messages.close());
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const message of messages) {
      if (signal.aborted) {
        // Not begun: it goes to another replica. Unanswered, it would be nobody's for ACK_WAIT_MS.
        message.nak(HAND_BACK_MS);
        continue;
      }
      taking = true;
      await take(message);
      taking = false;
      if (signal.aborted) stopSoon();
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
