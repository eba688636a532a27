import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import type { EventType } from '../contracts.ts';
import type { DomainEvent } from '../envelope.ts';
import type { EventCounts } from '../event-counts.ts';
import type { RetryPolicy } from './retry.ts';

/** Asks for another delivery after `afterMs`, which is no failure. For a few repetitions only. */
export type Redeliver = { afterMs: number };

/**
 * When the broker got the event, which may be long after it was stored, and the trace that its effects continue.
 */
export type Delivery = { publishedAt: Date; traceparent?: string | undefined; log: Log };

/** What a service does about one type of event. It may be called more than once with the same event. */
export type EventHandler<T extends EventType> = (
  event: DomainEvent<T>,
  delivery: Delivery,
) => Promise<Redeliver | undefined>;

/** A service's handlers by event type. */
export type EventHandlers = { [T in EventType]?: EventHandler<T> };

/** What a consumer is made of. */
export type ConsumerOptions = {
  broker: Broker;
  /** Durable, and shared by all replicas of a service. */
  name: string;
  handlers: EventHandlers;
  log: Log;
  retry?: RetryPolicy | undefined;
  /** Whether an error of a handler means that a dependency is away. It does not count as a failed attempt. */
  isAway?: ((err: unknown) => boolean) | undefined;
  counts?: EventCounts | undefined;
  /** Without a sign of life for so long, the broker delivers a message again. */
  ackWaitMs?: number | undefined;
};
