import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, type Consumer, DeliverPolicy, JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import type { Log } from '../logging.ts';
import type { Broker } from './broker.ts';
import type { EventType } from './contracts.ts';
import { deadLetter } from './dead-letter.ts';
import { type DomainEvent, readEvent, UnreadableEvent } from './envelope.ts';

/** An effect that is wanted once more, `afterMs` from now; not a failure. */
export type Again = { afterMs: number };

/** What a service does about one type of event. It may be called more than once with the same event. */
export type EventHandler<T extends EventType> = (
  event: DomainEvent<T>,
  log: Log,
) => Promise<Again | undefined>;

export type EventHandlers = { [T in EventType]?: EventHandler<T> };

/** How often a failing message is tried, and how long the pauses grow. */
export type RetryPolicy = { attempts: number; firstDelayMs: number; longestDelayMs: number };

export const DEFAULT_RETRY: RetryPolicy = { attempts: 12, firstDelayMs: 1_000, longestDelayMs: 3_600_000 };

/** A running consumer; `stop` takes no new message and waits for those in hand. */
export type RunningConsumer = { stop(): Promise<void> };

const IN_FLIGHT = 32;
const ACK_WAIT_MS = 30_000;
const STILL_WORKING_MS = 10_000;
const RESTART_MS = 1_000;
const HAND_BACK_MS = 500;
const STRAGGLERS_MS = 200;
const CONSUMER_EXISTS = 10_148;

/**
 * Consumes events under a durable name that all replicas of a service share. A message is acknowledged after its
 * effect; one that cannot be read is a dead letter at once, one that fails is tried again after growing pauses and
 * a dead letter at last.
 */
export async function runConsumer(options: {
  broker: Broker;
  name: string;
  handlers: EventHandlers;
  log: Log;
  retry?: RetryPolicy | undefined;
}): Promise<RunningConsumer> {
  const { broker, name, handlers, log } = options;
  const retry = options.retry ?? DEFAULT_RETRY;
  const types = Object.keys(handlers) as EventType[];
  await ensureConsumer(broker, name, types);
  const stopping = new AbortController();
  const inHand = new Set<Promise<void>>();

  /** Resolves when there is room for the next message. */
  const take = async (message: JsMsg): Promise<void> => {
    const work = handleMessage(message).catch((err: unknown) => {
      // Not even the refusal got through; the broker delivers again after its own wait.
      log.warn({ err, subject: message.subject }, 'a message was left to redelivery');
    });
    inHand.add(work);
    void work.finally(() => inHand.delete(work));
    if (inHand.size >= IN_FLIGHT) await Promise.race(inHand);
  };

  const handleMessage = async (message: JsMsg): Promise<void> => {
    const attempt = message.info.deliveryCount;
    const stillWorking = setInterval(() => message.working(), STILL_WORKING_MS);
    try {
      const again = await handle(handlers, message, log);
      if (again) message.nak(again.afterMs);
      else message.ack();
    } catch (err) {
      const hopeless = err instanceof UnreadableEvent || attempt >= retry.attempts;
      const fields = { err, consumer: name, subject: message.subject, attempt };
      log[hopeless ? 'error' : 'warn'](fields, hopeless ? 'dead letter' : 'event failed, trying again');
      if (hopeless) await deadLetter(broker, name, message, String(err));
      else message.nak(pauseMs(retry, attempt));
    } finally {
      clearInterval(stillWorking);
    }
  };

  const consuming = consumeUntil(broker, name, take, log, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await consuming;
      await Promise.all(inHand);
    },
  };
}

async function handle(handlers: EventHandlers, message: JsMsg, log: Log): Promise<Again | undefined> {
  const event = readEvent(message.string());
  // The map's key and the event's type are the same T; TypeScript cannot say so for a union.
  const handler = handlers[event.type] as EventHandler<EventType> | undefined;
  if (!handler) throw new UnreadableEvent(`nothing here handles ${event.type}`);
  return handler(event, log.child({ event_id: event.id, event_type: event.type }));
}

/** Full jitter on the upper half: replicas that failed together do not come back together. */
function pauseMs({ attempts, firstDelayMs, longestDelayMs }: RetryPolicy, attempt: number): number {
  const growth = (longestDelayMs / firstDelayMs) ** (1 / Math.max(attempts - 2, 1));
  const grown = Math.min(firstDelayMs * growth ** (attempt - 1), longestDelayMs);
  return Math.round(grown * (0.5 + Math.random() / 2));
}

async function ensureConsumer(broker: Broker, name: string, types: EventType[]): Promise<void> {
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

async function consumeUntil(
  broker: Broker,
  name: string,
  take: (message: JsMsg) => Promise<void>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const consumer = await broker.js.consumers.get(broker.names.eventStream, name);
      await consumeOnce(consumer, take, signal);
    } catch (err) {
      if (!signal.aborted) log.warn({ err, consumer: name }, 'consuming failed, starting again');
    }
    await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function consumeOnce(
  consumer: Consumer,
  take: (message: JsMsg) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const messages = await consumer.consume({ max_messages: IN_FLIGHT });
  let taking = false;
  const stop = () => void (taking || messages.close());
  /** Leaves time for what is on its way here to pass through the loop below. */
  const stopSoon = () => void delay(STRAGGLERS_MS).then(() => messages.close());
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
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
  signal.removeEventListener('abort', stop);
}
