/** A request that failed. */
export type Failed = { atMs: number; what: string; why: string };

/** What became of the requests of a run. */
export type Tally = {
  failures: Failed[];
  /** Requests that found one gateway refusing, and another. */
  movedOn: number;
  /** From the first byte sent to the whole answer, of those that were answered. */
  tookMs: number[];
  reads: number;
  writes: number;
};

export const createTally = (): Tally => ({ failures: [], movedOn: 0, tookMs: [], reads: 0, writes: 0 });

/** How many were sent so far. */
export const sentOf = ({ reads, writes }: Tally): number => reads + writes;
