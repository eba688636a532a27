import type { JsMsg } from '@nats-io/jetstream';

/** Tells attempts from other deliveries of a message. */
export type Attempts = {
  /** Which attempt this delivery is; the first is 1. */
  of(message: JsMsg): number;
  /** This delivery was no failed attempt: its handler asked for another, or it was requeued. */
  discount(message: JsMsg): void;
  /** Forgets a message that has come to its end. */
  forget(message: JsMsg): void;
};

const MOST_REMEMBERED = 10_000;

/**
 * The broker counts every delivery. Those that this process knows to be no failure are subtracted; what other replicas
 * know is not. A delivery that ended with its process counts, since it may have caused that.
 */
export function createAttempts(): Attempts {
  // By sequence in the stream. The least recent is dropped first: another replica may have handled it.
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
