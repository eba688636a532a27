import type { StreamExtent, TailFollower } from '@quartet/common/events/live/event-tail.ts';
import type { ResetReason } from './frames.ts';
import { type LiveEvent, toLiveEvent } from './live-event.ts';
import type { RecentEvents } from './recent-events.ts';

export type Tail = TailFollower & {
  /** The first sequence that the broker still has. */
  first(): number;
};

/** Keeps the recent events up to date; `reset` is called when events of the stream cannot be told any more. */
export function createTail(
  recent: RecentEvents,
  most: number,
  on: {
    event(event: LiveEvent): void;
    reset(reason: ResetReason, isFor: (position: number) => boolean): void;
  },
): Tail {
  let known: StreamExtent | undefined;

  const beginAt = (first: number, last: number): number => {
    const begin = Math.max(first, last - most + 1, 1);
    recent.restart(begin - 1);
    return begin;
  };

  return {
    first: () => known?.first ?? 1,
    opened(stream) {
      const before = known;
      known = stream;
      const { created, first, last } = stream;
      if (!before) return beginAt(first, last);
      const head = recent.head();
      const isAnother = created !== before.created || last < head;
      if (isAnother || head + 1 < first) {
        recent.restart(last);
        on.reset(isAnother ? 'new-stream' : 'too-old', () => true);
        return last + 1;
      }
      // They were believed while the broker was away.
      on.reset('unknown-id', (position) => position > last);
      return head + 1;
    },
    looked(stream) {
      if (stream.created === known?.created) known = stream;
    },
    stored(message) {
      const event = toLiveEvent(message);
      recent.add(message.sequence, event);
      if (event) on.event(event);
    },
  };
}
