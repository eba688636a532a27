import { quantile } from '../tests/support/quantile.ts';

export type Row = [name: string, value: string];

/** Returns p50, p99 and the greatest of some milliseconds. */
export function spread(milliseconds: readonly number[]): string {
  const at = (share: number) => quantile(milliseconds, share).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

/** Noise only adds to a cost, so the least one counts. */
export const least = (costs: readonly number[]): number => Math.min(...costs);

/** Returns the ratio of the least costs, and in brackets the middle half of the ratios of each round. */
export function ratio(measured: readonly number[], base: readonly number[]): string {
  const ratios = measured.map((value, round) => value / (base[round] ?? Number.NaN));
  const at = (share: number) => quantile(ratios, share).toFixed(2);
  return `${(least(measured) / least(base)).toFixed(2)} (by rounds ${at(0.25)}..${at(0.75)})`;
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

export function lines(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}
