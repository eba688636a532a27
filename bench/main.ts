/** `npm run bench` measures what requests cost, beside references and goals. */
import { writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { runCommand, UsageError } from '../tools/command-line.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { conditionsNow, describe } from './report/conditions.ts';
import { goalsOf } from './report/goals.ts';
import type { Measured } from './report/measured.ts';
import { profileTables } from './report/profiles.ts';
import {
  asMarkdown,
  asText,
  goalTable,
  memoryTable,
  routeTables,
  type Table,
  waitingTable,
} from './report/tables.ts';
import { runParts } from './run-parts.ts';
import { measureScale } from './scale/measure.ts';
import { scaleTables } from './scale/tables.ts';

async function run(options: Options, signal: AbortSignal): Promise<number> {
  if (platform() !== 'linux') throw new UsageError('bench reads /proc: it needs Linux');
  const conditions = conditionsNow(options);
  if (options.isScale) {
    const scale = await measureScale(options, signal);
    await report(options, describe(conditions), { conditions, scale }, scaleTables(scale));
  } else {
    const { measured: figures, pids, beside } = await runParts(options, signal);
    const measured: Measured = { conditions: { ...conditions, beside }, ...figures };
    const goals = goalsOf(measured);
    const profiles = options.profile === undefined ? [] : await profileTables(options.profile, pids);
    const tables = [...tablesOf(measured), ...profiles];
    await report(options, describe(measured.conditions), { ...measured, goals }, tables);
  }
  return 0;
}

function tablesOf(measured: Measured): Table[] {
  const { routes, memory, waiting } = measured;
  return [
    ...(routes ? routeTables(routes) : []),
    ...(memory ? [memoryTable(memory)] : []),
    ...(waiting ? [waitingTable(waiting)] : []),
    goalTable(goalsOf(measured)),
  ];
}

async function report(
  { json, markdown }: Options,
  conditions: string,
  figures: object,
  tables: readonly Table[],
): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
  if (markdown !== undefined) {
    await writeFile(markdown, `${[`At ${conditions}.`, ...tables.map(asMarkdown)].join('\n\n')}\n`);
  }
  console.log(`\n${conditions}\n\n${tables.map(asText).join('\n\n')}`);
}

await runCommand('bench', { usage, parseOptions, run });
