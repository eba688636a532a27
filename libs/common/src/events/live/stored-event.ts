import { type DomainEvent, readEvent, UnknownEvent, UnreadableEvent } from '../envelope.ts';

/** A message as the event stream keeps it; `type` is its subject without the namespace. */
export type StoredEvent = { sequence: number; type: string; text: string };

/** Returns the event of a message; undefined for a replay, for an event of a newer release, and for no event. */
export function eventIn({ type, text }: StoredEvent): DomainEvent | undefined {
  try {
    const event = readEvent(text);
    // The broker's permissions bind a producer to its subjects, not to what the text says.
    return event.type === type ? event : undefined;
  } catch (err) {
    if (err instanceof UnknownEvent || err instanceof UnreadableEvent) return undefined;
    throw err;
  }
}
