import { runCommand } from '../../tools/command-line.ts';
import { type Arguments, parseOptions, usage } from './options.ts';
import { annex, countOf, details, kinds, table } from './report.ts';
import { run } from './run.ts';
import { runSabotages } from './sabotage/run-sabotages.ts';

const say = (line: string): void => console.error(line);

async function runCrashTest({ sabotage, ...options }: Arguments, signal: AbortSignal): Promise<number> {
  if (sabotage === 'all') return runSabotages(options, say, signal);
  const result = await run(options, { sabotage, keepData: true, say, signal });
  console.log(`\n${table(result)}\n\n${annex(result)}\n`);
  if (result.faults.length > 0) console.log(`${details(result)}\n`);
  const failed = kinds.filter((kind) => countOf(result, kind) > 0).length;
  console.log(`crash: ${kinds.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

await runCommand('test:crash', { usage, parseOptions, run: runCrashTest });
