import { quantile } from '../../tests/support/quantile.ts';
import { routes, subjects } from '../routes/names.ts';
import { mediansOf, timesOf } from './costs.ts';
import { type Goal, servicesTotal } from './goals.ts';
import type { MemoryLooks, RouteRounds, Waiting } from './measured.ts';

/** The first row has the names of the columns. */
export type Table = { title: string; rows: string[][] };

export function routeTables(measured: readonly RouteRounds[]): Table[] {
  const header = ['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU: hop', 'server', 'launcher', 'application'];
  return [...Map.groupBy(measured, ({ route }) => route)].map(([route, all]) => ({
    title: `${routes[route].title}: CPU in milliseconds a request`,
    rows: [
      [...header, 'times (c)', 'database', 'broker'],
      ...all.map((one) => {
        const { rate, p50, p99, hop, server, launcher, application, database, broker } = mediansOf(one);
        const costs = [hop, server, launcher, application].map(cpu);
        const times = timesOf(measured, route, [one.subject, 'proxy']);
        const latencies = [p50, p99].map((ms) => ms.toFixed(1));
        const engines = [database, broker].map(cpu);
        return [subjects[one.subject], rate.toFixed(0), ...latencies, ...costs, fixed(times), ...engines];
      }),
    ],
  }));
}

export function memoryTable({ atRest, afterLoad, later, laterSeconds }: MemoryLooks): Table {
  const looks = [atRest, afterLoad, later];
  const mb = (values: number[]) => values.map((value) => value.toFixed(0));
  return {
    title: 'Memory: PSS in MB',
    rows: [
      ['', 'at rest', 'after the load', `${laterSeconds} s later`],
      ...Object.keys(atRest).map((name) => [name, ...mb(looks.map((memory) => memory[name] ?? 0))]),
      ['the four services', ...mb(looks.map(servicesTotal))],
    ],
  };
}

export function waitingTable(waiting: Waiting): Table {
  const row = (name: string, times: readonly number[]) => [
    name,
    ...[0.5, 0.95, 0.99].map((share) => quantile(times, share).toFixed(1)),
    String(times.length),
  ];
  return {
    title: 'Waiting: milliseconds',
    rows: [
      ['', 'p50', 'p95', 'p99', 'of'],
      row("a write's answer -> its event in the stream", waiting.answerToEvent),
      row("a sign-up's answer -> its e-mail at the SMTP server", waiting.answerToEmail),
      row("a recovery's event -> its e-mail at the SMTP server", waiting.eventToEmail),
      row('a login', waiting.logins),
      row("bcrypt's own time", waiting.hashes),
      row('readiness of auth during 16 logins', waiting.readiness),
      row('public health check during 16 logins', waiting.healthChecks),
    ],
  };
}

export function goalTable(goals: readonly Goal[]): Table {
  return {
    title: 'Goals',
    rows: [
      ['', 'measured', 'at most', ''],
      ...goals.map(({ name, value, limit, unit, isReached }) => [
        name,
        `${value.toFixed(digitsOf(unit, limit))} ${unit}`,
        String(Number(limit.toFixed(3))),
        isReached ? 'reached' : 'not reached',
      ]),
    ],
  };
}

function digitsOf(unit: Goal['unit'], limit: number): number {
  if (unit !== 'times') return 1;
  return limit < 1 ? 3 : 2;
}

const cpu = (ms: number): string => ms.toFixed(3);
const fixed = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));

export function asText({ title, rows }: Table): string {
  const [header = []] = rows;
  const widths = header.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [title, ...rows.map((row) => `  ${line(row)}`)].join('\n');
}

export function asMarkdown({ title, rows }: Table): string {
  const [header = [], ...body] = rows;
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = `|${header.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`;
  return [`### ${title}`, '', line(header), rule, ...body.map(line)].join('\n');
}
