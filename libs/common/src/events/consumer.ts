import type { JsMsg } from '@nats-io/jetstream';
import type { Log } from '../logging.ts';
import type { Broker } from './broker.ts';
import { ACK_WAIT_MS, consumeUntil, ensureConsumer, IN_FLIGHT } from './consume-loop.ts';
import type { EventType } from './contracts.ts';
import { deadLetter } from './dead-letter.ts';
import { type DomainEvent, readEvent, UnreadableEvent } from './envelope.ts';

/** An effect that is wanted once more, `afterMs` from now; not a failure. */
export type Again = { afterMs: number };

/** The circumstances of a delivery: when the broker got the event, which may be long after it was stored. */
export type Delivery = { publishedAt: Date; log: Log };

/** What a service does about one type of event. It may be called more than once with the same event. */
export type EventHandler<T extends EventType> = (
  event: DomainEvent<T>,
  delivery: Delivery,
) => Promise<Again | undefined>;

/** A service's handlers by event type; these types are all that its consumer receives. */
export type EventHandlers = { [T in EventType]?: EventHandler<T> };

/** How often a failing message is tried, and how long the pauses grow. */
export type RetryPolicy = { attempts: number; firstDelayMs: number; longestDelayMs: number };

/** 1 s to 1 h over 12 attempts. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 12, firstDelayMs: 1_000, longestDelayMs: 3_600_000 };

/** A running consumer; `stop` takes no new message and waits for those in hand. */
export type RunningConsumer = { stop(): Promise<void> };

const STILL_WORKING_MS = ACK_WAIT_MS / 3;

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

  const consuming = consumeUntil({ broker, name, types, take, log, signal: stopping.signal });
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
  const publishedAt = message.time;
  return handler(event, { publishedAt, log: log.child({ event_id: event.id, event_type: event.type }) });
}

/** Full jitter on the upper half: replicas that failed together do not come back together. */
function pauseMs({ attempts, firstDelayMs, longestDelayMs }: RetryPolicy, attempt: number): number {
  const growth = (longestDelayMs / firstDelayMs) ** (1 / Math.max(attempts - 2, 1));
  const grown = Math.min(firstDelayMs * growth ** (attempt - 1), longestDelayMs);
  return Math.round(grown * (0.5 + Math.random() / 2));
}
