import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, JsMsg, StreamInfo } from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import { isGone } from '../broker/stream-identity.ts';
import { type Durable, ensureConsumer, keepFilter } from './durable-consumer.ts';
import type { InFlight } from './in-flight.ts';

/** Pause before another replica gets a requeued message. */
export const REQUEUE_MS = 500;

/** Bounds how long a lost pull goes unnoticed. */
const PULL_MS = 5_000;
const RESTART_MS = 1_000;
const STRAGGLERS_MS = 200;
const RECONNECTION_CHECK_MS = 250;

/** In another stream of the same name, sequences mean other messages. */
type Era = { id: string; signal: AbortSignal; handle: (message: JsMsg) => Promise<void> };

type Pulling = { inFlight: InFlight; signal: AbortSignal };

/** Consumes until the signal aborts, and starts again after a failure or when the stream is replaced. */
export async function consumeUntil({
  durable,
  handlerFor,
  log,
  ...pulling
}: Pulling & {
  durable: Durable;
  handlerFor: (over: AbortSignal) => Era['handle'];
  log: Log;
}): Promise<{ ended: Promise<void> }> {
  const { signal } = pulling;
  const { broker, name } = durable;
  const { eventStream } = broker.names;
  let over = new AbortController();
  let era: Era | undefined;
  const recreated = async ({ created }: StreamInfo): Promise<void> => {
    await ensureConsumer(durable);
    over.abort();
    over = new AbortController();
    era = { id: created, signal: over.signal, handle: handlerFor(over.signal) };
  };
  // A process that cannot make its consumer must fail to start.
  await ensureConsumer(durable);
  await broker.looks.keep(eventStream, { recreated, found: () => keepFilter(durable) }, signal);

  const consuming = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const consumer = await broker.js.consumers.get(eventStream, name);
        if (era) await consumeOnce(broker, consumer, pulling, era);
      } catch (err) {
        if (!signal.aborted && !isGone(err))
          log.warn({ err, consumer: name }, 'consuming failed, starting again');
      }
      await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // The stream is checked first, since it defines the sequences; the consumer may have been lost alone.
      await broker.looks.look(eventStream);
      await ensureConsumer(durable).catch(() => undefined);
    }
  };
  return { ended: consuming() };
}

async function consumeOnce(broker: Broker, consumer: Consumer, pulling: Pulling, era: Era): Promise<void> {
  const { inFlight, signal } = pulling;
  for (;;) {
    // Messages that are pulled but wait here would be delivered again.
    await inFlight.untilRoom();
    while (!broker.isConnected() && !signal.aborted) await delay(RECONNECTION_CHECK_MS);
    if (signal.aborted || era.signal.aborted) return;
    await pullOnce(consumer, pulling, era);
  }
}

async function pullOnce(consumer: Consumer, { inFlight, signal }: Pulling, era: Era): Promise<void> {
  const messages = await consumer.fetch({ max_messages: inFlight.room(), expires: PULL_MS });
  /** Messages that are on their way can still pass through the loop below. */
  const stopSoon = () => void delay(STRAGGLERS_MS).then(() => messages.close());
  const stops = AbortSignal.any([signal, era.signal]);
  stops.addEventListener('abort', stopSoon, { once: true });
  if (stops.aborted) stopSoon();
  try {
    for await (const message of messages) {
      const id = `${era.id} ${message.seq}`;
      // An unanswered message would wait for the broker's own timeout.
      if (signal.aborted && !era.signal.aborted) message.nak(REQUEUE_MS);
      else if (!inFlight.has(id)) inFlight.add(id, era.handle(message));
    }
  } finally {
    stops.removeEventListener('abort', stopSoon);
  }
}
