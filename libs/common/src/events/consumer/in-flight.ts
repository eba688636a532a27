/** Messages that a process handles at the moment, by id. */
export type InFlight = {
  /** How many more it takes; none when it is full. */
  room(): number;
  has(id: string): boolean;
  /** @param handling must not reject */
  add(id: string, handling: Promise<void>): void;
  /** Resolves when there is room. */
  untilRoom(): Promise<void>;
  untilEmpty(): Promise<void>;
};

/** @param most how many it takes at a time */
export function createInFlight(most: number): InFlight {
  const inFlight = new Map<string, Promise<void>>();
  return {
    room: () => Math.max(0, most - inFlight.size),
    has: (id) => inFlight.has(id),
    add(id, handling) {
      inFlight.set(id, handling);
      void handling.then(() => inFlight.delete(id));
    },
    async untilRoom() {
      while (inFlight.size >= most) await Promise.race(inFlight.values());
    },
    async untilEmpty() {
      await Promise.all(inFlight.values());
    },
  };
}
