export type InFlight = {
  room(): number;
  has(id: string): boolean;
  /** @param handling must not reject */
  add(id: string, handling: Promise<void>): void;
  untilRoom(): Promise<void>;
  untilEmpty(): Promise<void>;
};

/** Tracks at most `most` messages that are being handled. */
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
