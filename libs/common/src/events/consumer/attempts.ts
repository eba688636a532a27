import type { JsMsg } from '@nats-io/jetstream';

/** Tells attempts from other deliveries of a message. */
export type Attempts = {
  /** Which attempt this delivery is; the first is 1. */
  of(message: JsMsg): number;
  /** This delivery was no attempt that failed: it is wanted again, or was handed back. */
  discount(message: JsMsg): void;
  /** The message is done with. */
  over(message: JsMsg): void;
};

const MOST_REMEMBERED = 10_000;

/**
 * The broker counts deliveries, whatever became of them. What this process knows to have been no failure is taken off;
 * what other replicas know is not, and a delivery that ended with its process counts, since it may have been the cause.
 */
export function createAttempts(): Attempts {
  // By sequence in the stream. The longest unseen is forgotten: another replica may have ended it.
  const others = new Map<number, number>();
  return {
    of: ({ seq, info }) => Math.max(1, info.deliveryCount - (others.get(seq) ?? 0)),
    discount({ seq }) {
      const known = others.get(seq) ?? 0;
      others.delete(seq);
      others.set(seq, known + 1);
      const [longestUnseen] = others.keys();
      if (others.size > MOST_REMEMBERED && longestUnseen !== undefined) others.delete(longestUnseen);
    },
    over: ({ seq }) => void others.delete(seq),
  };
}
