import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import type { EventType } from '../contracts.ts';
import type { DomainEvent } from '../envelope.ts';
import type { EventCounts } from '../event-counts.ts';
import type { RetryPolicy } from './retry.ts';

/** Asks for another delivery after `afterMs`, which is no failure. */
export type Redeliver = { afterMs: number };

/** `publishedAt` may be long after the event was stored. */
export type Delivery = { publishedAt: Date; traceparent?: string | undefined; log: Log };

/** It may be called more than once with the same event. */
export type EventHandler<T extends EventType> = (
  event: DomainEvent<T>,
  delivery: Delivery,
) => Promise<Redeliver | undefined>;

export type EventHandlers = { [T in EventType]?: EventHandler<T> };

export type ConsumerOptions = {
  broker: Broker;
  name: string;
  handlers: EventHandlers;
  log: Log;
  retry?: RetryPolicy | undefined;
  /** Whether an error means that a dependency is away, which is no failed attempt. */
  isAway?: ((err: unknown) => boolean) | undefined;
  counts?: EventCounts | undefined;
  /** The broker delivers a message again after this time without a sign of life. */
  ackWaitMs?: number | undefined;
};
