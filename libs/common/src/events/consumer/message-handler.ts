import { setTimeout as delay } from 'node:timers/promises';
import type { JsMsg } from '@nats-io/jetstream';
import { createKeyedQueue } from '../../concurrency/keyed-queue.ts';
import { inSpan } from '../../telemetry/tracing.ts';
import { deadLetter, shortened } from '../dead-letters/dead-letter.ts';
import { type DomainEvent, readEvent, UnknownEvent, UnreadableEvent } from '../envelope.ts';
import { processing, traceOf } from '../trace-messages.ts';
import { createAttempts } from './attempts.ts';
import { REQUEUE_MS } from './consume-loop.ts';
import { type DeliveryHistory, deliveryHistoryOf } from './delivery-history.ts';
import type { ConsumerOptions } from './event-handler.ts';
import { type RetryPolicy, retryPauseMs } from './retry.ts';
import { Requeued, retryWhileUnavailable } from './retry-while-unavailable.ts';
import type { Unsettled } from './unsettled.ts';

type InFlightMessage = { message: JsMsg; past: DeliveryHistory; attempt: number };

/** Deliveries beyond the attempts are allowed, since their process may have ended for another reason. */
const CRASHES_ALLOWED = 20;
const SUSPECTS = 'suspects';
const SUSPECT_WITHIN_MS = 500;

/** Handles a message and never rejects. After `isOver` it sends no answer, as sequences mean others then. */
export function createMessageHandler(
  options: ConsumerOptions & {
    retry: RetryPolicy;
    ackWaitMs: number;
    signal: AbortSignal;
    isOver: () => boolean;
    unsettled: Unsettled;
  },
): (message: JsMsg) => Promise<void> {
  const { broker, name, log, retry, ackWaitMs, signal, counts, isOver, unsettled } = options;
  const attempts = createAttempts();
  const queue = createKeyedQueue();

  const answer = (give: () => void): void => {
    if (!isOver()) give();
  };

  const settled = (message: JsMsg): void => {
    attempts.forget(message);
    unsettled.settled(message);
  };

  const giveUp = async ({ message, past, attempt }: InFlightMessage, reason: string): Promise<void> => {
    const fields = { consumer: name, subject: past.subject, seq: message.seq, attempt };
    log.error({ ...fields, reason }, 'dead letter');
    await deadLetter(broker, name, message, { past, reason, attempts: attempt });
    answer(() => message.term(shortened(reason)));
    settled(message);
    counts?.deadLettered(name, past.subject);
  };

  const requeue = (message: JsMsg, afterMs: number): void => {
    attempts.discount(message);
    answer(() => message.nak(afterMs));
  };

  const fail = async (it: InFlightMessage, err: unknown, fields: object): Promise<void> => {
    const { message, attempt } = it;
    const isLast = attempt >= retry.attempts;
    broker.tracing.active()?.fail(err);
    log[isLast ? 'error' : 'warn']({ consumer: name, ...fields, attempt, err }, 'event failed');
    if (isLast) await giveUp(it, String(err));
    else answer(() => message.nak(retryPauseMs(retry, attempt)));
  };

  const handle = async (it: InFlightMessage, event: DomainEvent): Promise<void> => {
    const { message, attempt } = it;
    if (signal.aborted) return requeue(message, REQUEUE_MS);
    if (attempt > retry.attempts + CRASHES_ALLOWED) {
      return giveUp(it, `delivered ${attempt} times without an outcome`);
    }
    try {
      const publishedAt = new Date(it.past.first_seen_at);
      const trace = broker.tracing.active()?.headers() ?? traceOf(message.headers);
      const redeliver = await retryWhileUnavailable(options, event, { publishedAt, ...trace });
      if (redeliver) return requeue(message, redeliver.afterMs);
      answer(() => message.ack());
      settled(message);
    } catch (err) {
      if (err instanceof Requeued) return requeue(message, REQUEUE_MS);
      await fail(it, err, { event_id: event.id, event_type: event.type });
    }
  };

  const handleInOrder = async (it: InFlightMessage): Promise<void> => {
    const { message, past } = it;
    const event = readOrFault(message.string());
    if (event instanceof UnreadableEvent) return giveUp(it, String(event));
    if (event instanceof UnknownEvent) return fail(it, event, { subject: past.subject, seq: message.seq });
    if (it.attempt <= retry.attempts) return queue(event.subject, () => handle(it, event));
    // Suspects run one at a time, in random order: one that ends its process ends all others in flight.
    await delay(Math.random() * SUSPECT_WITHIN_MS);
    return queue(SUSPECTS, () => handle(it, event));
  };

  return async (message) => {
    unsettled.delivered(message);
    const stillWorking = setInterval(() => answer(() => message.working()), ackWaitMs / 3);
    try {
      const past = deliveryHistoryOf(message, broker.names);
      counts?.delivered(name, past.subject, message.info.deliveryCount);
      const about = processing(message.subject, name, traceOf(message.headers));
      await inSpan(broker.tracing, `process ${past.subject}`, about, (span) => {
        const attempt = attempts.of(message);
        span.set({ 'quartet.attempt': attempt });
        return handleInOrder({ message, past, attempt });
      });
    } catch (err) {
      // The dead letter was not stored, so the broker delivers the message again.
      log.warn({ err, consumer: name, subject: message.subject }, 'a message was left to redelivery');
    } finally {
      clearInterval(stillWorking);
    }
  };
}

function readOrFault(text: string): DomainEvent | UnreadableEvent | UnknownEvent {
  try {
    return readEvent(text);
  } catch (err) {
    if (err instanceof UnreadableEvent || err instanceof UnknownEvent) return err;
    throw err;
  }
}
