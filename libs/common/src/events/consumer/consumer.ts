import type { EventType } from '../contracts.ts';
import { consumeUntil } from './consume-loop.ts';
import { ACK_WAIT_MS } from './durable-consumer.ts';
import type { ConsumerOptions } from './event-handler.ts';
import { createInFlight } from './in-flight.ts';
import { createMessageHandler } from './message-handler.ts';
import { DEFAULT_RETRY } from './retry.ts';

/** `stop` takes no new message and waits for those in flight. */
export type RunningConsumer = { stop(): Promise<void> };

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
  const handlerFor = (over: AbortSignal) =>
    createMessageHandler({ ...options, retry, ackWaitMs, signal, isOver: () => over.aborted });
  const { ended } = await consumeUntil({ durable, inFlight, handlerFor, log, signal });
  return {
    async stop() {
      stopping.abort();
      await ended;
      await inFlight.untilEmpty();
    },
  };
}
