import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, type Consumer, DeliverPolicy, JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import type { Log } from '../logging.ts';
import type { Broker } from './broker.ts';
import type { EventType } from './contracts.ts';
import type { Hand } from './hand.ts';

/** How long the broker waits for a sign of life before it delivers a message again, if a consumer says nothing else. */
export const ACK_WAIT_MS = 15_000;
/** Pause before another replica gets what this one hands back. */
export const HAND_BACK_MS = 500;

/**
 * Messages that wait for their next attempt are unacknowledged too. With the broker's 1,000, as many failing messages
 * would hold up all that come behind them for up to an hour; some bound there must be, as it keeps them in memory.
 */
const MOST_UNACKNOWLEDGED = 50_000;
/** A pull is asked for anew this often, which also bounds how long a lost one goes unnoticed. */
const PULL_MS = 5_000;
const RESTART_MS = 1_000;
const STRAGGLERS_MS = 200;
const RECONNECTION_CHECK_MS = 250;
const CONSUMER_EXISTS = 10_148;

/** A durable consumer as it stands at the broker. */
export type Durable = { broker: Broker; name: string; types: EventType[]; ackWaitMs: number };

/**
 * Makes a service's durable consumer, or gives it the event types that the service handles now. It also gets what is
 * replayed to it, and nobody else does.
 */
export async function ensureConsumer({ broker, name, types, ackWaitMs }: Durable): Promise<void> {
  const { jsm, names } = broker;
  const config = {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    filter_subjects: [...types.map(names.event), names.replay(name)],
    ack_wait: ackWaitMs * 1_000_000,
    // Attempts are counted here, not by the broker: a message it gave up would be in nobody's hands.
    max_deliver: -1,
    max_ack_pending: MOST_UNACKNOWLEDGED,
  };
  try {
    await jsm.consumers.add(names.eventStream, config);
  } catch (err) {
    if (!(err instanceof JetStreamApiError) || err.code !== CONSUMER_EXISTS) throw err;
    await jsm.consumers.update(names.eventStream, name, config);
  }
}

/** What is to be done with messages, and the hand that bounds how many there are at a time. */
type Taking = { hand: Hand; handle: (message: JsMsg) => Promise<void>; signal: AbortSignal };

/** Takes messages until the signal aborts; begins again, with the consumer made anew if need be, when that fails. */
export async function consumeUntil(options: Taking & { durable: Durable; log: Log }): Promise<void> {
  const { durable, log, signal } = options;
  const { broker, name } = durable;
  while (!signal.aborted) {
    try {
      const consumer = await broker.js.consumers.get(broker.names.eventStream, name);
      await consumeOnce(broker, consumer, options);
    } catch (err) {
      if (!signal.aborted) log.warn({ err, consumer: name }, 'consuming failed, starting again');
    }
    await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await ensureConsumer(durable).catch(() => undefined);
  }
}

async function consumeOnce(broker: Broker, consumer: Consumer, taking: Taking): Promise<void> {
  const { hand, signal } = taking;
  for (;;) {
    // No more is asked for than is begun at once: what lay here unseen would be delivered again.
    await hand.untilRoom();
    while (!broker.isConnected() && !signal.aborted) await delay(RECONNECTION_CHECK_MS);
    if (signal.aborted) return;
    await pullOnce(consumer, taking);
  }
}

async function pullOnce(consumer: Consumer, { hand, handle, signal }: Taking): Promise<void> {
  const messages = await consumer.fetch({ max_messages: hand.room(), expires: PULL_MS });
  /** Leaves time for what is on its way here to pass through the loop below. */
  const stopSoon = () => void delay(STRAGGLERS_MS).then(() => messages.close());
  signal.addEventListener('abort', stopSoon, { once: true });
  if (signal.aborted) stopSoon();
  try {
    for await (const message of messages) {
      // Unanswered, it would be nobody's for a while; handed back, it goes to another replica.
      if (signal.aborted) message.nak(HAND_BACK_MS);
      // One that is in hand already is answered from there.
      else if (!hand.has(message.seq)) hand.take(message.seq, handle(message));
    }
  } finally {
    signal.removeEventListener('abort', stopSoon);
  }
}
