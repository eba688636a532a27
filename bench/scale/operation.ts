export type Operation = {
  name: string;
  /** Here the cost must not grow with the data; 'nowhere' is for comparisons. */
  bounded: 'everywhere' | 'documentdb' | 'nowhere';
  /** Prepares so many calls, each of which is then timed. */
  prepare(count: number): Promise<(() => Promise<unknown>)[]>;
};
