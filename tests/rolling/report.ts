import { faultKinds } from '../crash/checks/faults.ts';
import { quantile } from '../support/quantile.ts';
import { checksOf, type Result, rateOf } from './result.ts';
import { sentOf } from './tally.ts';

const MOST_SHOWN = 30;

export function table(result: Result, wantedRate: number): string {
  const { tally, model, restarts, emails, live } = result;
  const at = (share: number) => `${Math.round(quantile(tally.tookMs, share))} ms`;
  const slowest = Math.max(...restarts.map(({ ending }) => ending.tookMs));
  const rows: [string, string | number][] = [
    ['restarts', restarts.length],
    ['requests', sentOf(tally)],
    ['reads, writes', `${tally.reads}, ${tally.writes}`],
    ['requests/s', Math.round(rateOf(result))],
    ['answered within: median, p99, longest', `${at(0.5)}, ${at(0.99)}, ${at(1)}`],
    ['refused by one gateway, taken by the other', tally.movedOn],
    ['writes answered, as checked', model.counts.answered],
    ['e-mails received', emails],
    ['live updates received, resets', live.join(', ')],
    ['longest from SIGTERM to the end', `${(slowest / 1_000).toFixed(1)} s`],
    ...checksOf(result, wantedRate),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

export function details({ tally, faults, dataDir }: Result): string {
  const failed = tally.failures.map(
    ({ atMs, what, why }) => `  ${new Date(atMs).toISOString()} ${what}: ${why}`,
  );
  const missing = faults.map(({ kind, about, detail }) => `  ${faultKinds[kind]}: ${about}: ${detail}`);
  const shown = [...failed.slice(0, MOST_SHOWN), ...missing.slice(0, MOST_SHOWN)];
  return [...shown, `Data and logs are kept in ${dataDir}`].join('\n');
}
