/** Told of what happens to events, for metrics. */
export type EventCounts = {
  /** The broker has taken an event that it did not know yet. */
  published(type: string): void;
  /** A consumer was handed an event; `attempt` is above 1 when it was handed it before. */
  delivered(consumer: string, type: string, attempt: number): void;
  /** A consumer gave an event up. */
  deadLettered(consumer: string, type: string): void;
};
