import { createSemaphore } from '@quartet/common/concurrency/semaphore.ts';
import type { StoredEvent } from '@quartet/common/events/live/stored-event.ts';
import { type LiveEvent, toLiveEvent } from './live-event.ts';
import type { Batch } from './recent-events.ts';

/** Events that are no longer in memory, from the broker. */
export type PastEvents = {
  /** Events after `sequence`, at most up to `end`. @throws when the broker is away */
  after(sequence: number, end: number): Promise<Batch>;
};

/** Sequences of a block. */
export const BLOCK = 500;
/** About 8 MB. */
const BLOCKS_KEPT = 32;
const READS_AT_ONCE = 2;

type ReadStored = (first: number, last: number) => Promise<StoredEvent[]>;

/** Readers that reconnect together share what is read for the first of them. */
export function createPastEvents(read: ReadStored): PastEvents {
  const blocks = new Map<string, Promise<LiveEvent[]>>();
  const inTurn = createSemaphore(READS_AT_ONCE);

  const blockOf = (first: number, last: number): Promise<LiveEvent[]> => {
    const key = `${first}-${last}`;
    const block =
      blocks.get(key) ??
      inTurn(async () => (await read(first, last)).flatMap((stored) => toLiveEvent(stored) ?? []));
    // A Map keeps its order of insertion, so the first block is the one that was not used for longest.
    blocks.delete(key);
    blocks.set(key, block);
    block.catch(() => blocks.delete(key));
    const [oldest] = blocks.keys();
    if (blocks.size > BLOCKS_KEPT && oldest !== undefined) blocks.delete(oldest);
    return block;
  };

  return {
    async after(sequence, end) {
      const start = sequence - (sequence % BLOCK);
      const upTo = Math.min(start + BLOCK, end);
      const events = await blockOf(start + 1, upTo);
      return { events: events.filter((event) => event.sequence > sequence), upTo };
    },
  };
}
