export type EventCounts = {
  /** The broker took an event that it had not stored before. */
  published(type: string): void;
  /** `attempt` is above 1 when the event was delivered before. */
  delivered(consumer: string, type: string, attempt: number): void;
  deadLettered(consumer: string, type: string): void;
};
