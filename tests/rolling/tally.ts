export type Failed = { atMs: number; what: string; why: string };

export type Tally = {
  failures: Failed[];
  movedOn: number;
  /** The time is from the first byte sent to the complete answer. */
  tookMs: number[];
  reads: number;
  writes: number;
};

export const createTally = (): Tally => ({ failures: [], movedOn: 0, tookMs: [], reads: 0, writes: 0 });

export const sentOf = ({ reads, writes }: Tally): number => reads + writes;
