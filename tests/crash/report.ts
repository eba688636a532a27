import { quantile } from '../support/quantile.ts';
import { type FaultKind, faultKinds } from './checks/faults.ts';
import type { InjectionRecord } from './faults/fault-injector.ts';
import { injectionsOf, type Result } from './result.ts';

const MOST_SHOWN = 40;

export function table(result: Result): string {
  const { model, excused, lostWithBroker, copies, emails, live, quietAfterMs } = result;
  const [kills, losses] = [injectionsOf(result, 'kill'), injectionsOf(result, 'erase')];
  const emptied = losses.filter(({ what }) => what === 'everything').length;
  const events = model.tracked.flatMap(({ answered }) =>
    answered.flatMap(({ fingerprints }) => fingerprints),
  ).length;
  const rows: [string, string | number][] = [
    ['kills', kills.length],
    ['freezes', injectionsOf(result, 'freeze').length],
    ['broker back with its files emptied', emptied],
    ['streams and buckets deleted', losses.length - emptied],
    ['writes answered', model.counts.answered],
    ['writes without an answer', model.counts.lost],
    ['events of answered writes', events],
    ['e-mails received', emails],
    ['live updates received, resets', live.join(', ')],
    ...kinds.map((kind): [string, number] => [faultKinds[kind], countOf(result, kind)]),
    ['e-mails doubled, excused by a kill', excused.length],
    ['events stored twice under one id', copies],
    ['e-mails lost with the broker', lostWithBroker.emails],
    ["a deleted user's items left, lost with the broker", lostWithBroker.items],
    ['sessions refused early after a loss', model.endedEarly.length],
    ['from a kill to the first good answer', seconds(backTimes(kills))],
    ['from a loss until all is made again', seconds(backTimes(losses))],
    ['from the last injected fault until all is quiet', seconds(quietAfterMs)],
  ];
  return lines(rows);
}

const backTimes = (records: readonly InjectionRecord[]): number[] =>
  records.flatMap(({ backAfterMs }) => backAfterMs ?? []);

export function annex(result: Result): string {
  const kills = Map.groupBy(injectionsOf(result, 'kill'), ({ target }) => `${target}, killed`);
  const losses = Map.groupBy(injectionsOf(result, 'erase'), ({ what }) => `${what}, lost`);
  const away = [...kills, ...losses].map(([what, all]): [string, string] => [
    `${what} ${all.length} times, back`,
    seconds(backTimes(all)),
  ]);
  const doubled = result.excused.map(({ eventId, times, killed }): [string, string] => [
    `e-mail ${eventId}`,
    `received ${times} times; killed meanwhile: ${killed.join(', ')}`,
  ]);
  return lines([...away, ...doubled]);
}

function lines(rows: readonly [string, string | number][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

export const kinds = Object.keys(faultKinds).filter((kind): kind is FaultKind => kind in faultKinds);

export const countOf = ({ faults }: Result, wanted: FaultKind): number =>
  faults.filter(({ kind }) => kind === wanted).length;

export function details({ faults, injected, dataDir }: Result): string {
  const shown = faults
    .slice(0, MOST_SHOWN)
    .map(({ kind, about, detail }) => `  ${faultKinds[kind]}: ${about}: ${detail}`);
  const more = faults.length > MOST_SHOWN ? [`  and ${faults.length - MOST_SHOWN} more`] : [];
  const injections = injected.map(({ kind, target, what, atMs, forMs, backAfterMs }) => {
    const length = forMs === undefined ? `back after ${backAfterMs ?? '?'} ms` : `for ${forMs} ms`;
    return `  ${new Date(atMs).toISOString()} ${kind} ${what ?? target}, ${length}`;
  });
  const kept = `Data and logs are kept in ${dataDir}`;
  return ['Faults:', ...shown, ...more, 'Injected faults:', ...injections, kept].join('\n');
}

function seconds(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) return '-';
  const at = (share: number) => `${(quantile(milliseconds, share) / 1_000).toFixed(1)} s`;
  return `median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}`;
}
