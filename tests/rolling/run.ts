import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../crash/checks/check.ts';
import { checkAccess } from '../crash/checks/check-access.ts';
import { checkLive } from '../crash/checks/check-live.ts';
import type { Fault } from '../crash/checks/faults.ts';
import type { World } from '../crash/clients/world.ts';
import { readyWithoutNote } from '../crash/faults/probes.ts';
import { createRandom } from '../crash/faults/random.ts';
import { type Inspection, inspect } from '../crash/observing/inspection.ts';
import { readKept } from '../crash/observing/kept.ts';
import { countsOf, type LiveReaders, openLiveReaders } from '../crash/observing/live-readers.ts';
import { createMailbox } from '../crash/observing/mailbox.ts';
import { observe } from '../crash/observing/observe.ts';
import { untilQuiet } from '../crash/observing/quiet.ts';
import { ADMIN, type Client, logIn } from '../support/client.ts';
import { toAnyOf } from './any-gateway.ts';
import { createBalancer } from './balancer.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type Load, prepareLoad } from './load.ts';
import type { Options } from './options.ts';
import type { Replica } from './replica.ts';
import { createResult, type Result } from './result.ts';
import type { Sabotage } from './sabotages.ts';

export type Circumstances = {
  sabotage: Sabotage | undefined;
  say: (line: string) => void;
  signal: AbortSignal;
};

const LIVE_READERS = 4;
const CALM_MS = 2_000;
const QUIET_WITHIN_MS = 120_000;

/** `isFine` allows the removal of data; with a sabotage, the first failed request ends the run. */
export async function run(
  options: Options,
  { sabotage, say, signal }: Circumstances,
  isFine: (result: Result) => boolean,
): Promise<Result> {
  const fleet = await startFleet({ drainSeconds: options.drainSeconds, sabotage: sabotage?.name }, signal);
  const result = createResult(fleet.dataDir);
  let keepData = true;
  try {
    const balancer = createBalancer(fleet.gateways, result.tally);
    const inspection = await inspect(fleet, signal);
    let live: LiveReaders | undefined;
    try {
      const [first] = fleet.gateways;
      if (!first) throw new Error('the fleet has no gateway');
      live = await openLiveReaders(LIVE_READERS, inspection.broker, first.url, toAnyOf(fleet.gateways));
      const load = await prepareLoad(await worlds(balancer.call, options, result), options, result.tally);
      const isBroken = () => sabotage !== undefined && result.tally.failures.length > 0;
      const replicas = fleet.replicas.filter(({ name }) => name.startsWith(sabotage?.service ?? ''));
      await restartUnderLoad(replicas, load, options, result, isBroken, { say, signal });
      if (!isBroken()) {
        await checkAll(fleet, inspection, load, balancer.call, result, { say, signal });
        const { events } = await readKept(inspection.broker);
        await live.caughtUp(events.at(-1)?.place ?? 0);
        result.faults.push(...checkLive(live.records, events));
        result.live = countsOf(live.records);
      }
    } finally {
      await live?.close();
      await inspection.close();
      await balancer.close();
    }
    keepData = !isFine(result);
    return result;
  } finally {
    await fleet.stop({ keepData: keepData && !signal.aborted });
  }
}

async function worlds(call: Client, { seed }: Options, { model }: Result): Promise<(name: string) => World> {
  const admin = { token: await logIn(call, ADMIN.email, ADMIN.password), formerTokens: [] };
  const random = createRandom(seed);
  return (name) => {
    let made = 0;
    const fresh = (prefix: string) => {
      made += 1;
      return `${prefix}-${name}-${made}`;
    };
    return { call, model, admin, random: random.fork(), fresh };
  };
}

async function restartUnderLoad(
  replicas: readonly Replica[],
  load: Load,
  { rounds }: Options,
  result: Result,
  isBroken: () => boolean,
  { say, signal }: Pick<Circumstances, 'say' | 'signal'>,
): Promise<void> {
  const over = new AbortController();
  Object.assign(result.tally, { reads: 0, writes: 0 });
  const startedAt = performance.now();
  const sending = load.run(AbortSignal.any([signal, over.signal]));
  try {
    await delay(CALM_MS, undefined, { signal });
    for (let round = 0; round < rounds; round += 1) {
      for (const replica of replicas) {
        const before = result.tally.failures.length;
        const restart = await replica.restart(signal);
        result.restarts.push(restart);
        const { how, tookMs } = restart.ending;
        const times = `ended after ${seconds(tookMs)} (${how}), ready ${seconds(restart.backAfterMs)} later`;
        say(`${restart.name}: ${times}; ${result.tally.failures.length - before} requests failed`);
        if (isBroken()) return;
      }
    }
    await delay(CALM_MS, undefined, { signal });
  } finally {
    // The wait for the last answers does not count, because no request starts then.
    result.loadedMs = performance.now() - startedAt;
    over.abort();
    await sending;
  }
}

async function checkAll(
  fleet: Fleet,
  inspection: Inspection,
  load: Load,
  call: Client,
  result: Result,
  { say, signal }: Pick<Circumstances, 'say' | 'signal'>,
): Promise<void> {
  const probes = new Map(
    fleet.replicas.map(({ name, readyUrl }) => [name, () => readyWithoutNote(readyUrl)]),
  );
  const moving = await untilQuiet({ inspection, probes, withinMs: QUIET_WITHIN_MS, say, signal });
  const mailbox = createMailbox(fleet.inbox);
  await mailbox.collect();
  const { faults } = check(result.model, await observe(inspection, mailbox.receipts), [], ADMIN.email);
  const never = moving.map((detail): Fault => ({ kind: 'not-quiet', about: 'fleet', detail }));
  const sessions = load.writers.flatMap((client) => client.sessions());
  const logins = load.writers.flatMap((client) => client.logins());
  result.faults = [...never, ...faults, ...(await checkAccess(call, sessions, logins))];
  result.emails = [...mailbox.receipts.values()].flat().length;
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;
