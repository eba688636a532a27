import { runCommand } from '../../tools/command-line.ts';
import { type Arguments, parseOptions, usage } from './options.ts';
import { details, table } from './report.ts';
import { checksOf } from './result.ts';
import { run } from './run.ts';

const say = (line: string): void => console.error(line);

/** The last line has the number of checks for `.ci/run`. */
async function restart({ sabotage, ...options }: Arguments, signal: AbortSignal): Promise<number> {
  const result = await run(
    options,
    { sabotage, say, signal },
    (seen) => sabotage !== undefined || checksOf(seen, options.rate).every(([, count]) => count === 0),
  );
  const checks = checksOf(result, options.rate);
  const failed = checks.filter(([, count]) => count > 0);
  console.log(`\n${table(result, options.rate)}\n`);
  if (sabotage !== undefined) {
    const [, count = 0] = failed.find(([name]) => name === sabotage.noticedBy) ?? [];
    const isCaught = count > 0;
    console.log(`${sabotage.name}: ${isCaught ? `caught: ${count} ${sabotage.noticedBy}` : 'NOT CAUGHT'}`);
    console.log(`sabotage: ${isCaught ? '1 passed, 0 failed' : '0 passed, 1 failed'}`);
    return isCaught ? 0 : 1;
  }
  if (failed.length > 0) console.log(`${details(result)}\n`);
  console.log(`rolling: ${checks.length - failed.length} passed, ${failed.length} failed`);
  return failed.length > 0 ? 1 : 0;
}

await runCommand('test:rolling', { usage, parseOptions, run: restart });
