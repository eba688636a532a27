import { memoryLimitsMb } from './observing/memory-limits.ts';
import { operations } from './observing/victims.ts';
import { faultsOf, type Row } from './verdict.ts';

const MILLISECONDS: Intl.NumberFormatOptions = { maximumFractionDigits: 0, useGrouping: false };

export function table(rows: readonly Row[]): string {
  const parts = [aligned(timesOf(rows)), aligned(memoryOf(rows)), aligned(attackerOf(rows))];
  const faults = rows.flatMap((row) => faultsOf(row).map((fault) => `${row.name}: ${fault}`));
  return [...parts, ...(faults.length > 0 ? [faults.map((fault) => `  ${fault}`).join('\n')] : [])].join(
    '\n\n',
  );
}

function timesOf(rows: readonly Row[]): string[][] {
  const head = ['attack', ...operations.map((name) => `${name} p99 ms`), 'health', 'as before', 'verdict'];
  return [
    head,
    ...rows.map((row) => [
      row.name,
      ...operations.map((operation) => {
        const [idle, then] = [row.idle.times[operation].p99, row.meanwhile.times[operation].p99];
        return `${whole(idle)} -> ${whole(then)} (x${(then / idle).toFixed(1)})`;
      }),
      `${whole(row.meanwhile.longestHealthMs)} ms`,
      row.backAfterSeconds === undefined ? 'not in 30 s' : `after ${whole(row.backAfterSeconds)} s`,
      `${faultsOf(row).length > 0 ? 'FAILED' : 'held'}${row.tries > 1 ? `, try ${row.tries}` : ''}`,
    ]),
  ];
}

function memoryOf(rows: readonly Row[]): string[][] {
  const names = [...(rows[0]?.idle.usualMemory.keys() ?? [])];
  const limits = names.map((name) => {
    const limit = memoryLimitsMb.get(name);
    return limit === undefined ? name : `${name} (${limit})`;
  });
  return [
    ['MB idle -> peak -> after', ...limits],
    ...rows.map(({ name, idle, meanwhile, after }) => [
      name,
      ...names.map((process) =>
        [idle.usualMemory, meanwhile.peakMemory, after.usualMemory]
          .map((memory) => whole(memory.get(process) ?? Number.NaN))
          .join(' -> '),
      ),
    ]),
  ];
}

function attackerOf(rows: readonly Row[]): string[][] {
  return [
    ['attacker', 'sent', 'got'],
    ...rows.map(({ name, sent, heard }) => [
      name,
      String(sent),
      Object.entries(heard)
        .toSorted()
        .map(([what, times]) => `${what}: ${times}`)
        .join(', ') || '-',
    ]),
  ];
}

function aligned(lines: readonly string[][]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

const whole = (value: number): string => value.toLocaleString('en', MILLISECONDS);

export function asJson(rows: readonly Row[]): string {
  const plain = rows.map((row) => ({ ...row, faults: faultsOf(row) }));
  const maps = (_key: string, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value);
  return JSON.stringify({ rows: plain, limitsMb: memoryLimitsMb }, maps, 2);
}
