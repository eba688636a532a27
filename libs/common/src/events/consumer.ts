import type { Log } from '../logging.ts';
import type { Broker } from './broker.ts';
import { ACK_WAIT_MS, consumeUntil } from './consume-loop.ts';
import type { EventType } from './contracts.ts';
import type { DomainEvent } from './envelope.ts';
import type { EventCounts } from './event-counts.ts';
import { createHand } from './hand.ts';
import { createMessageHandler } from './message-handler.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.ts';

/** An effect that is wanted once more, `afterMs` from now; not a failure. For a few repetitions, not for ever. */
export type Again = { afterMs: number };

/**
 * The circumstances of a delivery: when the broker got the event, which may be long after it was stored, and the trace
 * that its effects go on with.
 */
export type Delivery = { publishedAt: Date; traceparent?: string | undefined; log: Log };

/** What a service does about one type of event. It may be called more than once with the same event. */
export type EventHandler<T extends EventType> = (
  event: DomainEvent<T>,
  delivery: Delivery,
) => Promise<Again | undefined>;

/** A service's handlers by event type; these types, and what is replayed to it, are all that its consumer receives. */
export type EventHandlers = { [T in EventType]?: EventHandler<T> };

/** A running consumer; `stop` takes no new message and waits for those that are begun. */
export type RunningConsumer = { stop(): Promise<void> };

/** What a consumer is, and what it does with what it gets. */
export type ConsumerOptions = {
  broker: Broker;
  /** Durable, and shared by all replicas of a service. */
  name: string;
  handlers: EventHandlers;
  log: Log;
  retry?: RetryPolicy | undefined;
  /** Whether an error of a handler means that what it leans on is away. That is not held against the message. */
  isAway?: ((error: unknown) => boolean) | undefined;
  counts?: EventCounts | undefined;
  /** Without a sign of life for so long, the broker delivers a message again. */
  ackWaitMs?: number | undefined;
};

/** How many messages a process has in hand at a time. */
const IN_FLIGHT = 32;

/**
 * Consumes events. A message is acknowledged after its effect; one that cannot be read is a dead letter at once, one
 * that fails is tried again after growing pauses and a dead letter at last. Events about one subject are handled one
 * after the other within a process; one that failed lets those behind it pass.
 */
export async function runConsumer(options: ConsumerOptions): Promise<RunningConsumer> {
  const { broker, name, handlers, log } = options;
  const types = Object.keys(handlers) as EventType[];
  const ackWaitMs = options.ackWaitMs ?? ACK_WAIT_MS;
  const durable = { broker, name, types, ackWaitMs };
  const stopping = new AbortController();
  const { signal } = stopping;
  const hand = createHand(IN_FLIGHT);
  const retry = options.retry ?? DEFAULT_RETRY;
  const handling = (over: AbortSignal) =>
    createMessageHandler({ ...options, retry, ackWaitMs, signal, isOver: () => over.aborted });
  const { ended } = await consumeUntil({ durable, hand, handling, log, signal });
  return {
    async stop() {
      stopping.abort();
      await ended;
      await hand.untilEmpty();
    },
  };
}
