/** The pieces of work that a process has in hand, by id. */
export type InFlight = {
  /** How many more it takes; none when it is full. */
  room(): number;
  has(id: string): boolean;
  /** Work must not reject. */
  take(id: string, work: Promise<void>): void;
  /** Resolves when there is room. */
  untilRoom(): Promise<void>;
  untilEmpty(): Promise<void>;
};

/** @param most how much it takes at a time */
export function createInFlight(most: number): InFlight {
  const inHand = new Map<string, Promise<void>>();
  return {
    room: () => Math.max(0, most - inHand.size),
    has: (id) => inHand.has(id),
    take(id, work) {
      inHand.set(id, work);
      void work.then(() => inHand.delete(id));
    },
    async untilRoom() {
      while (inHand.size >= most) await Promise.race(inHand.values());
    },
    async untilEmpty() {
      await Promise.all(inHand.values());
    },
  };
}
