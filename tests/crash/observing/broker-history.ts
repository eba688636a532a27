import { type DomainEvent, readEvent } from '@quartet/common/events/envelope.ts';
import { CONSUMERS, type Kept, type Memory } from './kept.ts';

/** The history contains what the broker had and lost in a run. */
export type Past = {
  /** The keys are subjects in the order of their first appearance; each id is listed once. */
  events: Map<string, DomainEvent[]>;
  copies: number;
  /** A consumer may have missed these events, because the broker lost them. */
  unhandled: ReadonlyMap<string, ReadonlySet<string>>;
  deadLetters: string[];
  memories: Memory[];
};

export function readPast(lost: readonly Kept[], present: Kept): Past {
  const all = [...lost, present];
  const events = new Map<string, DomainEvent>();
  // After a loss, an event counts where it was last published.
  const last = new Map<string, { kept: Kept; place: number }>();
  let copies = 0;
  for (const kept of all) {
    for (const { place, text } of kept.events) {
      const event = readEvent(text);
      if (last.get(event.id)?.kept === kept) copies += 1;
      last.set(event.id, { kept, place });
      if (!events.has(event.id)) events.set(event.id, event);
    }
  }
  const unhandledBy = (consumer: string): Set<string> =>
    new Set(
      [...last]
        .filter(([, { kept, place }]) => kept !== present && place > (kept.handledTo.get(consumer) ?? 0))
        .map(([id]) => id),
    );
  return {
    events: Map.groupBy(events.values(), ({ subject }) => subject),
    copies,
    unhandled: new Map(CONSUMERS.map((consumer) => [consumer, unhandledBy(consumer)])),
    deadLetters: [...new Set(all.flatMap(({ deadLetters }) => deadLetters))],
    memories: all.flatMap(({ revocations }) => revocations ?? []),
  };
}
