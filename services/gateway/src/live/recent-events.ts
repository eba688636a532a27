import type { LiveEvent } from './live-event.ts';

/** Events up to and including `upTo`, in order. */
export type Batch = { events: LiveEvent[]; upTo: number };

/** The newest events, in memory. */
export type RecentEvents = {
  /** Every event after this sequence, up to the head, is here. */
  floor(): number;
  /** The sequence up to which the stream was read. */
  head(): number;
  /** `event` is undefined when the stream has nothing for readers at this sequence. */
  add(sequence: number, event: LiveEvent | undefined): void;
  /** At most `most` events after `sequence`, which is not below the floor. */
  after(sequence: number, most: number): Batch;
  /** Forgets everything; the next event comes after `sequence`. */
  restart(sequence: number): void;
};

export type RecentLimits = { events: number; bytes: number };

export function createRecentEvents(limits: RecentLimits): RecentEvents {
  let events: LiveEvent[] = [];
  let bytes = 0;
  let floor = 0;
  let head = 0;

  return {
    floor: () => floor,
    head: () => head,
    add(sequence, event) {
      head = sequence;
      if (!event) return;
      events.push(event);
      bytes += event.frame.length;
      while (events.length > limits.events || bytes > limits.bytes) {
        const oldest = events.shift();
        if (!oldest) return;
        bytes -= oldest.frame.length;
        floor = oldest.sequence;
      }
    },
    after(sequence, most) {
      const from = firstAfter(events, sequence);
      const found = events.slice(from, from + most);
      const isAll = from + most >= events.length;
      return { events: found, upTo: isAll ? Math.max(head, sequence) : (found.at(-1)?.sequence ?? head) };
    },
    restart(sequence) {
      events = [];
      bytes = 0;
      floor = sequence;
      head = sequence;
    },
  };
}

/** The events are in the order of their sequences. */
function firstAfter(events: readonly LiveEvent[], sequence: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.sequence ?? 0) <= sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
