import { setTimeout as delay } from 'node:timers/promises';
import type { EventType } from '../contracts.ts';
import { type DomainEvent, UnknownEvent } from '../envelope.ts';
import type { ConsumerOptions, Delivery, EventHandler, Redeliver } from './event-handler.ts';

/** The consumer stopped before the event could be handled. */
export class Requeued extends Error {
  override name = 'Requeued';
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Handles an event; while its handler's dependencies are away, again and again with growing pauses. The event stays in
 * flight meanwhile, so that an outage of any length uses up no attempt and ends for all events within seconds.
 * @throws {Requeued} when the signal aborts before that
 * @throws {UnknownEvent} when this process has no handler for its type
 * @throws whatever else the handler does
 */
export async function retryWhileUnavailable(
  { handlers, isAway, log, signal }: ConsumerOptions & { signal: AbortSignal },
  event: DomainEvent,
  { publishedAt, traceparent }: Omit<Delivery, 'log'>,
): Promise<Redeliver | undefined> {
  // The map's key and the event's type are the same T; TypeScript cannot say so for a union.
  const handler = handlers[event.type] as EventHandler<EventType> | undefined;
  if (!handler) throw new UnknownEvent(`no handler for ${event.type}`);
  const fields = { event_id: event.id, event_type: event.type };
  const delivery = { publishedAt, traceparent, log: log.child(fields) };
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await handler(event, delivery);
    } catch (err) {
      if (!isAway?.(err)) throw err;
      if (pauseMs === FIRST_PAUSE_MS)
        log.warn({ ...fields, err }, 'an event waits for a dependency that is away');
    }
    const jitteredMs = pauseMs * (0.5 + Math.random() / 2);
    await delay(jitteredMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw new Requeued('the consumer stopped');
  }
}
