import type { Collection } from 'mongodb';
import { isDatabaseAway } from '../database/database.ts';
import { type RunningConsumer, runConsumer } from '../events/consumer/consumer.ts';
import type { ConsumerOptions, EventHandlers } from '../events/consumer/event-handler.ts';
import { observeConsumer, observeOutbox, outboxBacklog } from '../events/event-metrics.ts';
import type { Outboxed } from '../events/outbox/outbox.ts';
import { createRelay, type Relay } from '../events/outbox/relay.ts';
import { type SweepTiming, sweepOutboxes } from '../events/outbox/sweep.ts';
import type { ServiceParts } from './parts.ts';

export type Outboxes<D extends Outboxed> = {
  relay: Relay<D>;
  /** Publishes leftover events in the background, until the parts' signal aborts. */
  sweep(timing?: SweepTiming): void;
  /** Resolves, after the signal has aborted, when nothing is being published. */
  finish(): Promise<void>;
};

/** Opens the outboxes of a collection; {@link createRelay} explains `before`. */
export function openOutboxes<D extends Outboxed>(
  { broker, log, signal, metrics, counts, status }: ServiceParts,
  collection: Collection<D>,
  before?: (document: D) => Promise<void>,
): Outboxes<D> {
  const relay = createRelay<D>({ collection, broker, log, counts, ...(before ? { before } : {}) });
  observeOutbox(metrics, collection);
  status.add('outbox', () => outboxBacklog(metrics));
  let sweeping = Promise.resolve();
  return {
    relay,
    sweep(timing) {
      sweeping = sweepOutboxes({ collection, relay, broker, log, signal, timing });
    },
    async finish() {
      await sweeping;
      await relay.flush();
    },
  };
}

/** Starts the durable consumer that all replicas share; by default, only the database can be away. */
export async function startConsumer(
  { name, broker, log, metrics, counts, status }: ServiceParts,
  handlers: EventHandlers,
  { retry, isAway = isDatabaseAway }: Pick<ConsumerOptions, 'retry' | 'isAway'>,
): Promise<RunningConsumer> {
  const consumer = await runConsumer({ broker, name, handlers, log, retry, isAway, counts });
  observeConsumer(metrics, broker, name);
  status.add('consumer', consumer.lag);
  return consumer;
}
