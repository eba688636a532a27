/** `npm run bench:live` measures the memory and the latency of thousands of open streams. */

import { runCommand } from '../tools/command-line.ts';
import { lines, type Row, spread } from './figures.ts';
import { goalsOf, measureLive } from './live/measure.ts';
import { type Options, parseOptions, usage } from './live/options.ts';
import { startLiveStack } from './live/stack.ts';

async function run(options: Options, signal: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  console.error('starting the services ...');
  const stack = await startLiveStack(options, resources, signal);
  const figures = await measureLive(stack, options, signal);
  const { streams, perUser, rate, seconds } = options;
  const megabytes = (value: number) => `${value.toFixed(0)} MB`;
  const rows: Row[] = [
    ['streams open at the end', `${figures.stillOpen} of ${streams}`],
    ['opened in', `${figures.openSeconds.toFixed(1)} s`],
    ['resident memory without streams', megabytes(figures.idleMb)],
    ['with streams', megabytes(figures.streamsMb)],
    ['under load', megabytes(figures.busyMb)],
    ['writes', `${figures.writes}, ${figures.failedWrites} failed`],
    ['from a write’s answer to its event', spread(figures.latencies)],
  ];
  console.log(`${streams} streams, ${perUser} a user, ${rate} writes/s for ${seconds} s\n${lines(rows)}`);
  const goals = goalsOf(figures, streams);
  console.log(
    lines(goals.map(({ name, value, isReached }) => [name, `${value}: ${isReached ? '' : 'not '}reached`])),
  );
  return 0;
}

await runCommand('bench:live', { usage, parseOptions, run });
