import type { Outcome } from './fuzz-as.ts';

export function describeOutcome({ caller, details, problems }: Outcome): string {
  if (problems.length === 0) return `${caller}: nothing found`;
  const lines = problems.map((problem) => `${caller}: ${problem}`);
  return [details, ...lines].filter((part) => part !== '').join('\n');
}

export function summarize(outcomes: Outcome[]): string {
  const rows = outcomes.map(({ caller, calls, seconds, reached, operations, problems }) => [
    caller,
    String(calls),
    `${reached} of ${operations}`,
    String(problems.length),
    `${seconds.toFixed(0)} s`,
  ]);
  const table = [['caller', 'calls', 'succeeded', 'findings', 'time'], ...rows];
  const widths = rows[0]?.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0))) ?? [];
  const lines = table.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const failed = outcomes.filter(({ problems }) => problems.length > 0).length;
  return [...lines, '', `fuzz: ${outcomes.length - failed} passed, ${failed} failed`].join('\n');
}
