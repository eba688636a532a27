import type { Table } from '../report/tables.ts';
import type { Scale, ScaleRow } from './measure.ts';

const MOST_TIMES = 1.3;

/** Returns undefined when an operation has no goal. */
export function isFlat(
  { bounded, mostTimes = MOST_TIMES, few, many }: ScaleRow,
  isOwnDatabase: boolean,
): boolean | undefined {
  if (bounded === 'nowhere' || (bounded === 'documentdb' && isOwnDatabase)) return undefined;
  return many.p50 / few.p50 <= mostTimes;
}

export function scaleTables({ few, many, isOwnDatabase, rows }: Scale): Table[] {
  // Without a base, the clock with its steps of 10 ms was too coarse.
  const times = (of: number | undefined, base: number | undefined) =>
    of === undefined || !base ? '' : (of / base).toFixed(2);
  const ms = (value: number | undefined) => value?.toFixed(1) ?? '';
  const verdict = (row: ScaleRow) =>
    ({ true: 'reached', false: 'not reached', undefined: '' })[`${isFlat(row, isOwnDatabase)}`];
  return [
    {
      title: `As the data grows: p50 and the database's CPU in ms, at most ${MOST_TIMES} times, for lists 1.5`,
      rows: [
        ['', `p50 at ${few}`, `at ${many}`, 'times', '', 'CPU', 'CPU', 'times'],
        ...rows.map((row) => [
          row.name,
          ...[ms(row.few.p50), ms(row.many.p50), times(row.many.p50, row.few.p50), verdict(row)],
          ...[ms(row.few.databaseMs), ms(row.many.databaseMs)],
          times(row.many.databaseMs, row.few.databaseMs),
        ]),
      ],
    },
  ];
}
