/** `npm run bench:revocation` measures logouts, token checks and the size of revocations. */

import { runCommand } from '../tools/command-line.ts';
import { lines, type Row } from './figures.ts';
import { measureCalls } from './revocation/check-cost.ts';
import { measureCopy } from './revocation/copy.ts';
import { measureLogouts } from './revocation/logouts.ts';
import { measureMemory } from './revocation/memory.ts';
import { type Options, parseOptions, usage } from './revocation/options.ts';
import { measureRoutes } from './revocation/route-cost.ts';
import { startStack } from './stack.ts';

const ENTRIES = 1_000_000;
/** A million would take a minute to write to the bucket. */
const COPIED = 100_000;

async function run({ rounds, replicas }: Options, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  const report: Row[] = [];
  const part = async (name: string, measuring: () => Promise<Row[]>) => {
    console.error(`measuring ${name} ...`);
    const beganAt = performance.now();
    const rows = await measuring();
    console.error(`${lines(rows)}\n  (${secondsSince(beganAt)})\n`);
    report.push(...rows);
  };
  await part('memory of users', () => measureMemory('user', ENTRIES, signal));
  await part('memory of sessions', () => measureMemory('session', ENTRIES, signal));
  await part('calls of the check', () => measureCalls(ENTRIES, signal));

  await using resources = new AsyncDisposableStack();
  console.error(`starting auth and ${replicas} replicas of items ...`);
  const stack = await startStack(replicas, resources, signal);
  await part(`${rounds} logouts`, () => measureLogouts(stack, rounds, signal));
  await part('requests', () => measureRoutes(stack.databaseUrl, signal));
  await part('the copy at a start', () => measureCopy(stack.brokerUrl, COPIED, signal));
  console.log(`${rounds} logouts, ${replicas} replicas, ${secondsSince(startedAt)}\n${lines(report)}`);
  return 0;
}

const secondsSince = (at: number): string => `${Math.round((performance.now() - at) / 1_000)} s`;

await runCommand('bench:revocation', { usage, parseOptions, run });
