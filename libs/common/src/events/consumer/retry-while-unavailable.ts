import { setTimeout as delay } from 'node:timers/promises';
import type { EventType } from '../contracts.ts';
import { type DomainEvent, UnknownEvent } from '../envelope.ts';
import type { ConsumerOptions, Delivery, EventHandler, Redeliver } from './event-handler.ts';

/** The consumer stopped before it could handle the event. */
export class Requeued extends Error {
  override name = 'Requeued';
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Repeats handling during an outage. @throws {Requeued} on abort, {UnknownEvent} without a handler */
export async function retryWhileUnavailable(
  { handlers, isAway, log, signal }: ConsumerOptions & { signal: AbortSignal },
  event: DomainEvent,
  { publishedAt, traceparent }: Omit<Delivery, 'log'>,
): Promise<Redeliver | undefined> {
  // Key and type are the same T; TypeScript cannot express that for a union.
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
