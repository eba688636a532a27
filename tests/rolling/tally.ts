export type Failed = { atMs: number; what: string; why: string };

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

export const sentOf = ({ reads, writes }: Tally): number => reads + writes;
