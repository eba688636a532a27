import { UsageError } from '../../tools/command-line.ts';
import { parseOptions, usage } from './options.ts';
import { annex, countOf, details, kinds, table } from './report.ts';
import { run } from './run.ts';
import { runSabotages } from './sabotage/run-sabotages.ts';

const INTERRUPTED = 130;

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort());
const say = (line: string): void => console.error(line);

/** Returns the exit code. The last line counts what was checked, for whoever sums up. */
async function main(argv: string[]): Promise<number> {
  const { help, sabotage, ...options } = parseOptions(argv);
  if (help) {
    console.log(usage);
    return 0;
  }
  const { signal } = interrupted;
  if (sabotage === 'all') return runSabotages(options, say, signal);
  const result = await run(options, { sabotage, keepData: true, say, signal });
  console.log(`\n${table(result)}\n\n${annex(result)}\n`);
  if (result.faults.length > 0) console.log(`${details(result)}\n`);
  const failed = kinds.filter((kind) => countOf(result, kind) > 0).length;
  console.log(`crash: ${kinds.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (err) {
  if (interrupted.signal.aborted) {
    console.error('interrupted; everything that was started has ended');
    process.exitCode = INTERRUPTED;
  } else if (err instanceof UsageError) {
    console.error(`${err.message}\nSee npm run test:crash -- --help`);
    process.exitCode = 2;
  } else {
    throw err;
  }
}
