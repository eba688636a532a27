import { setTimeout as delay } from 'node:timers/promises';
import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  JetStreamApiError,
  type JsMsg,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import { isGone } from '../broker/stream-identity.ts';
import type { EventType } from '../contracts.ts';
import type { InFlight } from './in-flight.ts';

/** How long the broker waits for a sign of life before it delivers a message again, if a consumer says nothing else. */
export const ACK_WAIT_MS = 15_000;
/** Pause before another replica gets what this one hands back. */
export const REQUEUE_MS = 500;

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

/** A stream as long as it is the same: in another of its name, sequences begin anew. */
type Era = { id: string; signal: AbortSignal; handle: (message: JsMsg) => Promise<void> };

/** What is to be done with messages, and the hand that bounds how many there are at a time. */
type Taking = { inFlight: InFlight; signal: AbortSignal };

/**
 * Takes messages until the signal aborts; begins again when that fails, and when the stream is another than before, each time with
 * the consumer made anew if need be. The promise within resolves when it has ended.
 * @param handling makes what handles the messages of one stream; the signal aborts when it is another
 */
export async function consumeUntil({
  durable,
  handling,
  log,
  ...taking
}: Taking & {
  durable: Durable;
  handling: (over: AbortSignal) => Era['handle'];
  log: Log;
}): Promise<{ ended: Promise<void> }> {
  const { signal } = taking;
  const { broker, name } = durable;
  const { eventStream } = broker.names;
  let over = new AbortController();
  let era: Era | undefined;
  const anew = async ({ created }: StreamInfo): Promise<void> => {
    await ensureConsumer(durable);
    over.abort();
    over = new AbortController();
    era = { id: created, signal: over.signal, handle: handling(over.signal) };
  };
  // A start that cannot make it fails, and says why.
  await ensureConsumer(durable);
  await broker.looks.keep(eventStream, { anew }, signal);

  const consuming = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const consumer = await broker.js.consumers.get(eventStream, name);
        if (era) await consumeOnce(broker, consumer, taking, era);
      } catch (err) {
        if (!signal.aborted && !isGone(err))
          log.warn({ err, consumer: name }, 'consuming failed, starting again');
      }
      await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // First what the numbers mean, then whatever has become of the consumer alone.
      await broker.looks.look(eventStream);
      await ensureConsumer(durable).catch(() => undefined);
    }
  };
  return { ended: consuming() };
}

async function consumeOnce(broker: Broker, consumer: Consumer, taking: Taking, era: Era): Promise<void> {
  const { inFlight, signal } = taking;
  for (;;) {
    // No more is asked for than is begun at once: what lay here unseen would be delivered again.
    await inFlight.untilRoom();
    while (!broker.isConnected() && !signal.aborted) await delay(RECONNECTION_CHECK_MS);
    if (signal.aborted || era.signal.aborted) return;
    await pullOnce(consumer, taking, era);
  }
}

async function pullOnce(consumer: Consumer, { inFlight, signal }: Taking, era: Era): Promise<void> {
  const messages = await consumer.fetch({ max_messages: inFlight.room(), expires: PULL_MS });
  /** Leaves time for what is on its way here to pass through the loop below. */
  const stopSoon = () => void delay(STRAGGLERS_MS).then(() => messages.close());
  const stops = AbortSignal.any([signal, era.signal]);
  stops.addEventListener('abort', stopSoon, { once: true });
  if (stops.aborted) stopSoon();
  try {
    for await (const message of messages) {
      const id = `${era.id} ${message.seq}`;
      // Unanswered, it would be nobody's for a while; handed back, it goes to another replica.
      if (signal.aborted && !era.signal.aborted) message.nak(REQUEUE_MS);
      // One that is in hand already is answered from there.
      else if (!inFlight.has(id)) inFlight.take(id, era.handle(message));
    }
  } finally {
    stops.removeEventListener('abort', stopSoon);
  }
}
