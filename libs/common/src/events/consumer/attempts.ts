import type { JsMsg } from '@nats-io/jetstream';

export type Attempts = {
  /** The first attempt is 1. */
  of(message: JsMsg): number;
  /** Discounts a delivery that was no failed attempt, since it was requeued or asked for another. */
  discount(message: JsMsg): void;
  forget(message: JsMsg): void;
};

const MOST_REMEMBERED = 10_000;

/** Counts attempts; a delivery that ended with its process is one, since it may have caused that. */
export function createAttempts(): Attempts {
  // By stream sequence. The least recent is dropped first, since another replica may have handled it.
  const discounts = new Map<number, number>();
  return {
    of: ({ seq, info }) => Math.max(1, info.deliveryCount - (discounts.get(seq) ?? 0)),
    discount({ seq }) {
      const known = discounts.get(seq) ?? 0;
      discounts.delete(seq);
      discounts.set(seq, known + 1);
      const [leastRecent] = discounts.keys();
      if (discounts.size > MOST_REMEMBERED && leastRecent !== undefined) discounts.delete(leastRecent);
    },
    forget: ({ seq }) => void discounts.delete(seq),
  };
}
