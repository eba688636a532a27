import type { ReactNode } from 'react';
import { classes } from './classes.ts';

export type Column<Row> = {
  key: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** On a narrow screen the column is left out. */
  isMinor?: boolean;
  /** How the rows are sorted by this column at present. */
  sorted?: 'ascending' | 'descending' | undefined;
  className?: string;
};

/** It scrolls sideways by itself when it must, and never the page. */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  rowLook,
}: {
  /** For who does not see the page. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Class names of a row that is not like the others. */
  rowLook?: (row: Row) => string | undefined;
}) {
  const look = ({ isMinor, className }: Column<Row>) =>
    classes('px-4 py-2', isMinor && 'max-md:hidden', className);
  return (
    <div className="relative overflow-x-auto rounded-lg border border-line bg-surface">
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead className="border-b border-line text-muted">
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                aria-sort={column.sorted}
                className={classes(look(column), 'font-medium')}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={keyOf(row)} className={rowLook?.(row)}>
              {columns.map((column) => (
                <td key={column.key} className={look(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
