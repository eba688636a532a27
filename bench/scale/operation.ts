export type Operation = {
  name: string;
  /** Here the cost must not grow with the data; 'nowhere' is for comparisons. */
  bounded: 'everywhere' | 'documentdb' | 'nowhere';
  /** How many times the cost at few documents it may have at many; the table's own goal where it is missing. */
  mostTimes?: number;
  /** Prepares so many calls, each of which is then timed. */
  prepare(count: number): Promise<(() => Promise<unknown>)[]>;
};
