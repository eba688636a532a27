import { type DomainEvent, readEvent } from '@quartet/common/events/envelope.ts';
import { CONSUMERS, type Kept, type Memory } from './kept.ts';

/** What there was at the broker in the whole of a run, whatever it lost meanwhile. */
export type Past = {
  /** By what they are about, in the order of their first appearance, each id once. */
  events: Map<string, DomainEvent[]>;
  /** Copies of events within one stream. */
  copies: number;
  /** By consumer, the ids of events that it need not know of: they were lost before they were surely handled. */
  unhandled: ReadonlyMap<string, ReadonlySet<string>>;
  deadLetters: string[];
  memories: Memory[];
};

/** @param lost what the broker lost, oldest first */
export function readPast(lost: readonly Kept[], present: Kept): Past {
  const all = [...lost, present];
  const events = new Map<string, DomainEvent>();
  // Where an event stands last: one that was published again after a loss is to be handled there.
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
