import { logIn, newMember } from '../api.ts';
import { type LaunchedStack, launchStack } from '../launched-stack.ts';
import { readCpu } from '../observing/processes.ts';
import { untilSettled } from '../observing/settled.ts';
import { FEW_DOCUMENTS, type Options } from '../options.ts';
import { median } from '../report/costs.ts';
import { openMailbox } from '../waiting/mailbox.ts';
import { fill, nothingFilled } from './fill.ts';
import type { Operation } from './operation.ts';
import { operationsOf } from './operations.ts';

/** p50 is in milliseconds; `databaseMs` is known only for our own database. */
export type Cost = { p50: number; databaseMs: number | undefined; samples: number };

export type ScaleRow = Pick<Operation, 'name' | 'bounded' | 'mostTimes'> & { few: Cost; many: Cost };

export type Scale = { few: number; many: number; isOwnDatabase: boolean; rows: ScaleRow[] };

const SAMPLES = { long: 60, quick: 15 };
const LEAST_SAMPLES = 5;
const WARM_UP = 3;
const WITHIN_MS = 20_000;
/** Real hashes would hide the cost of the database. */
const CHEAPEST_HASH = '4';

export async function measureScale(
  { documents, isQuick, onlyLists, profile }: Options,
  signal: AbortSignal,
): Promise<Scale> {
  await using resources = new AsyncDisposableStack();
  const mailbox = await openMailbox(resources, signal);
  console.error('starting a stack ...');
  const env = { ...mailbox.env, PASSWORD_HASH_ROUNDS: CHEAPEST_HASH };
  const stack = await launchStack({ env, profile }, resources, signal);
  const owner = await newMember(stack.api, 'owner');
  const superuserToken = await logIn(stack.api, stack.superuser);
  const filled = nothingFilled(owner.id);
  const measureAt = async (round: string, count: number) => {
    await fill(stack.database.db, filled, { documents: count, onlyItems: onlyLists }, signal);
    const costs = new Map<string, Cost>();
    const operations = operationsOf({ stack, filled, owner, superuserToken, round, onlyLists });
    for (const operation of operations) {
      console.error(`at ${count} documents: ${operation.name} ...`);
      const samples = isQuick ? SAMPLES.quick : SAMPLES.long;
      costs.set(operation.name, await measureOne(stack, operation, samples, signal));
    }
    return { operations, costs };
  };
  const few = await measureAt('few', FEW_DOCUMENTS);
  const many = await measureAt('many', documents);
  const none: Cost = { p50: Number.NaN, databaseMs: undefined, samples: 0 };
  const rows = many.operations.map(({ name, bounded, mostTimes }) => ({
    ...{ name, bounded, ...(mostTimes === undefined ? {} : { mostTimes }) },
    few: few.costs.get(name) ?? none,
    many: many.costs.get(name) ?? none,
  }));
  return { few: FEW_DOCUMENTS, many: documents, isOwnDatabase: stack.pids.database !== undefined, rows };
}

async function measureOne(
  { pids, database: { db } }: LaunchedStack,
  operation: Operation,
  samples: number,
  signal: AbortSignal,
): Promise<Cost> {
  const prepared = await operation.prepare(samples + WARM_UP);
  for (const once of prepared.splice(0, WARM_UP)) await once();
  await untilSettled(db, signal);
  const { database } = pids;
  const cpu = () => (database === undefined ? 0 : (readCpu({ database }).database ?? 0));
  const [before, startedAt] = [cpu(), performance.now()];
  const times: number[] = [];
  for (const once of prepared) {
    if (times.length >= LEAST_SAMPLES && performance.now() - startedAt > WITHIN_MS) break;
    const askedAt = performance.now();
    await once();
    times.push(performance.now() - askedAt);
  }
  await untilSettled(db, signal);
  const databaseMs = database === undefined ? undefined : (cpu() - before) / times.length;
  return { p50: median(times), databaseMs, samples: times.length };
}
