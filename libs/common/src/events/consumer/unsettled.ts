import type { JsMsg } from '@nats-io/jetstream';

export type Unsettled = {
  delivered(message: JsMsg): void;
  settled(message: JsMsg): void;
  /** Returns when the oldest message above the floor was published; what is below it, all replicas have settled. */
  oldestAbove(floor: number): Date | null;
};

const MOST_REMEMBERED = 10_000;

/** Remembers when the messages were published that were delivered here and have neither been acknowledged nor given up. */
export function createUnsettled(): Unsettled {
  /** By stream sequence, in milliseconds since the epoch. Another replica may settle what stands here. */
  const publishedAt = new Map<number, number>();
  return {
    delivered({ seq, info }) {
      if (publishedAt.size < MOST_REMEMBERED) publishedAt.set(seq, info.timestampNanos / 1e6);
    },
    settled: ({ seq }) => void publishedAt.delete(seq),
    oldestAbove(floor) {
      for (const seq of publishedAt.keys()) if (seq <= floor) publishedAt.delete(seq);
      return publishedAt.size === 0 ? null : new Date(Math.min(...publishedAt.values()));
    },
  };
}
