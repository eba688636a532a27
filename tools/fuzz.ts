import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { startStack } from '../tests/system/stack.ts';
import { runCommand } from './command-line.ts';
import { createReport } from './engines/index.ts';
import { type FuzzOptions, parseArguments, usage } from './fuzz/arguments.ts';
import { control } from './fuzz/control.ts';
import { makeDeadLetters } from './fuzz/dead-letters.ts';
import { fuzzAs, type Outcome } from './fuzz/fuzz-as.ts';
import { installSchemathesis } from './fuzz/install.ts';
import { findPython } from './fuzz/python.ts';
import { describeOutcome, summarize } from './fuzz/summary.ts';

const cache = join(import.meta.dirname, '..', '.cache', 'fuzz');
const report = createReport();

async function run(options: FuzzOptions, signal: AbortSignal): Promise<number> {
  const python = await findPython(process.env, signal);
  const path = await installSchemathesis(cache, python, process.env, report, signal);
  const schemathesis = { command: python.command, path, env: process.env };
  report.notice('control: a server full of faults');
  const doubts = await control(schemathesis, cache, report, signal);
  for (const doubt of doubts) report.notice(`control: ${doubt}`);
  if (doubts.length > 0) return 1;
  report.notice('control: all of them found');

  if (options.url === undefined) report.notice('starting a stack');
  const stack =
    options.url === undefined
      ? await startStack(
          [],
          {
            PASSWORD_HASH_ROUNDS: '4',
            RATE_LIMITS: 'off',
            LIVE_CONNECTIONS_PER_USER: '1000',
            EMAIL_VERIFICATION: 'optional',
          },
          signal,
        )
      : undefined;
  const outcomes: Outcome[] = [];
  try {
    if (stack?.broker) await makeDeadLetters(stack.broker, stack.id, options.examples);
    const origin = options.url ?? new URL(stack?.api ?? '').origin;
    const inbox = stack?.inbox ?? options.inbox;
    for (const caller of options.callers) {
      report.notice(`${caller}: ${options.examples} examples, seed ${options.seed}`);
      const outcome = await fuzzAs(
        caller,
        origin,
        { ...options, inbox, verifies: stack !== undefined },
        schemathesis,
        cache,
        report,
        signal,
      );
      report.notice(describeOutcome(outcome));
      if (outcome.problems.length > 0) report.notice(`all of it: .cache/fuzz/reports/${caller}/output.txt`);
      outcomes.push(outcome);
    }
  } finally {
    if (stack !== undefined) report.notice('stopping the stack');
    await stack?.stop();
  }
  console.log(summarize(outcomes));
  return outcomes.every(({ problems }) => problems.length === 0) ? 0 : 1;
}

await runCommand('fuzz', {
  usage,
  parseOptions: (argv) => parseArguments(argv, () => randomInt(2 ** 32)),
  interrupted: 'interrupted',
  run,
});
