import { platform } from 'node:os';
import { runCommand, UsageError } from '../../tools/command-line.ts';
import { type Arguments, parseOptions, usage } from './options.ts';
import { asJson, table } from './report.ts';
import { run } from './run.ts';
import { runSabotages } from './sabotage/run-sabotages.ts';
import { faultsOf } from './verdict.ts';

const say = (line: string): void => console.error(line);

/** The last line has the number of checks for `.ci/run`. */
async function attack({ sabotage, json, ...options }: Arguments, signal: AbortSignal): Promise<number> {
  if (platform() !== 'linux') throw new UsageError('test:hostile reads /proc: it needs Linux');
  if (sabotage !== undefined) return runSabotages(sabotage, options, say, signal);
  const rows = await run(options, { sabotage, say, signal });
  const failed = rows.filter((row) => faultsOf(row).length > 0).length;
  console.log(json ? asJson(rows) : `\n${table(rows)}\n`);
  const counted = `hostile: ${rows.length - failed} passed, ${failed} failed`;
  if (json) say(counted);
  else console.log(counted);
  return failed > 0 ? 1 : 0;
}

await runCommand('test:hostile', { usage, parseOptions, run: attack });
