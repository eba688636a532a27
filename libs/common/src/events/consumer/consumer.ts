import type { EventType } from '../contracts.ts';
import { ageSeconds } from '../status/backlog.ts';
import type { ConsumerLag } from '../status/status-report.ts';
import { consumeUntil } from './consume-loop.ts';
import { ACK_WAIT_MS } from './durable-consumer.ts';
import type { ConsumerOptions } from './event-handler.ts';
import { createInFlight } from './in-flight.ts';
import { createMessageHandler } from './message-handler.ts';
import { DEFAULT_RETRY } from './retry.ts';
import { createUnsettled } from './unsettled.ts';

export type RunningConsumer = {
  /** Returns what waits for all replicas of the consumer; the age is that of the oldest event that came here. */
  lag(): Promise<ConsumerLag>;
  /** It takes no new message and waits for those in flight. */
  stop(): Promise<void>;
};

const MOST_IN_FLIGHT = 32;

/** Consumes events, those of one subject in sequence; one that fails is retried and lets later ones pass. */
export async function runConsumer(options: ConsumerOptions): Promise<RunningConsumer> {
  const { broker, name, handlers, log } = options;
  const types = Object.keys(handlers) as EventType[];
  const ackWaitMs = options.ackWaitMs ?? ACK_WAIT_MS;
  const durable = { broker, name, types, ackWaitMs };
  const stopping = new AbortController();
  const { signal } = stopping;
  const inFlight = createInFlight(MOST_IN_FLIGHT);
  const retry = options.retry ?? DEFAULT_RETRY;
  let unsettled = createUnsettled();
  const handlerFor = (over: AbortSignal) => {
    // Sequences of another stream mean other messages.
    unsettled = createUnsettled();
    return createMessageHandler({
      ...{ ...options, retry, ackWaitMs, signal, unsettled },
      isOver: () => over.aborted,
    });
  };
  const { ended } = await consumeUntil({ durable, inFlight, handlerFor, log, signal });
  return {
    async lag() {
      const info = await broker.jsm.consumers.info(broker.names.eventStream, name);
      const { num_pending: pending, num_ack_pending: ack_pending, num_redelivered: redelivered } = info;
      const oldest = unsettled.oldestAbove(info.ack_floor.stream_seq);
      return { pending, ack_pending, redelivered, oldest_age_seconds: ageSeconds(oldest) };
    },
    async stop() {
      stopping.abort();
      await ended;
      await inFlight.untilEmpty();
    },
  };
}
