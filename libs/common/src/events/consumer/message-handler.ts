import { setTimeout as delay } from 'node:timers/promises';
import type { JsMsg } from '@nats-io/jetstream';
import { createKeyedQueue } from '../../concurrency/keyed-queue.ts';
import { inSpan } from '../../telemetry/tracing.ts';
import { deadLetter, shortened } from '../dead-letters/dead-letter.ts';
import { type DomainEvent, readEvent, UnreadableEvent } from '../envelope.ts';
import { processing, traceOf } from '../trace-messages.ts';
import { createAttempts } from './attempts.ts';
import { REQUEUE_MS } from './consume-loop.ts';
import { type DeliveryHistory, deliveryHistoryOf } from './delivery-history.ts';
import type { ConsumerOptions } from './event-handler.ts';
import { type RetryPolicy, retryPauseMs } from './retry.ts';
import { Requeued, retryWhileUnavailable } from './retry-while-unavailable.ts';

/** A message in hand, and which attempt at it this is. */
type InFlightMessage = { message: JsMsg; past: DeliveryHistory; attempt: number };

/** Deliveries beyond the attempts that a message may have without an outcome: restarts and crashes, whoever's fault. */
const CRASHES_ALLOWED = 20;
const SUSPECTS = 'suspects';
const SUSPECT_WITHIN_MS = 500;

/**
 * Handles one message to its end: acknowledged, handed back, to be tried again, or a dead letter. Never rejects.
 * @param options.isOver whether the stream that the messages come from is another by now. What is in hand is done all the same,
 *   but an answer names a message by its number, and would end the one that has it there.
 */
export function createMessageHandler(
  options: ConsumerOptions & {
    retry: RetryPolicy;
    ackWaitMs: number;
    signal: AbortSignal;
    isOver: () => boolean;
  },
): (message: JsMsg) => Promise<void> {
  const { broker, name, log, retry, ackWaitMs, signal, counts, isOver } = options;
  const attempts = createAttempts();
  const inTurn = createKeyedQueue();

  const answer = (give: () => void): void => {
    if (!isOver()) give();
  };

  const giveUp = async ({ message, past, attempt }: InFlightMessage, reason: string): Promise<void> => {
    const fields = { consumer: name, subject: past.subject, seq: message.seq, attempt };
    log.error({ ...fields, reason }, 'dead letter');
    await deadLetter(broker, name, message, { past, reason, attempts: attempt });
    answer(() => message.term(shortened(reason)));
    attempts.over(message);
    counts?.deadLettered(name, past.subject);
  };

  const requeue = (message: JsMsg, afterMs: number): void => {
    attempts.discount(message);
    answer(() => message.nak(afterMs));
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
      const again = await retryWhileUnavailable(options, event, { publishedAt, ...trace });
      if (again) return requeue(message, again.afterMs);
      answer(() => message.ack());
      attempts.over(message);
    } catch (err) {
      if (err instanceof Requeued) return requeue(message, REQUEUE_MS);
      const isLast = err instanceof UnreadableEvent || attempt >= retry.attempts;
      const fields = { consumer: name, event_id: event.id, event_type: event.type, attempt };
      broker.tracing.active()?.fail(err);
      log[isLast ? 'error' : 'warn']({ ...fields, err }, 'event failed');
      if (isLast) await giveUp(it, String(err));
      else answer(() => message.nak(retryPauseMs(retry, attempt)));
    }
  };

  const handleInTurn = async (it: InFlightMessage): Promise<void> => {
    const { message } = it;
    const event = readOrFault(message.string());
    if (event instanceof UnreadableEvent) return giveUp(it, String(event));
    if (it.attempt <= retry.attempts) return inTurn(event.subject, () => handle(it, event));
    // A message that ends its process takes down what is in hand with it. So the suspects take turns, in an order of
    // chance: those before the culprit get through.
    await delay(Math.random() * SUSPECT_WITHIN_MS);
    return inTurn(SUSPECTS, () => handle(it, event));
  };

  return async (message) => {
    const stillWorking = setInterval(() => answer(() => message.working()), ackWaitMs / 3);
    try {
      const past = deliveryHistoryOf(message, broker.names);
      counts?.delivered(name, past.subject, message.info.deliveryCount);
      const about = processing(message.subject, name, traceOf(message.headers));
      await inSpan(broker.tracing, `process ${past.subject}`, about, (span) => {
        const attempt = attempts.of(message);
        span.set({ 'quartet.attempt': attempt });
        return handleInTurn({ message, past, attempt });
      });
    } catch (err) {
      // Not even the refusal got through; the broker delivers again after its own wait.
      log.warn({ err, consumer: name, subject: message.subject }, 'a message was left to redelivery');
    } finally {
      clearInterval(stillWorking);
    }
  };
}

function readOrFault(text: string): DomainEvent | UnreadableEvent {
  try {
    return readEvent(text);
  } catch (err) {
    if (err instanceof UnreadableEvent) return err;
    throw err;
  }
}
