import { ADMIN, type Client } from '../support/client.ts';
import type { Stack } from '../system/stack.ts';
import { check } from './checks/check.ts';
import { checkAccess } from './checks/check-access.ts';
import { checkLive } from './checks/check-live.ts';
import type { Fault } from './checks/faults.ts';
import type { CrashClient } from './clients/client.ts';
import type { BrokerEraser } from './faults/broker-eraser.ts';
import { createFaultInjector } from './faults/fault-injector.ts';
import type { Probes } from './faults/probes.ts';
import type { Processes } from './faults/processes.ts';
import type { Random } from './faults/random.ts';
import { planFaults } from './faults/schedule.ts';
import type { Inspection } from './observing/inspection.ts';
import { allKept, readKept } from './observing/kept.ts';
import { countsOf, type LiveReaders } from './observing/live-readers.ts';
import { createMailbox } from './observing/mailbox.ts';
import { observe } from './observing/observe.ts';
import { untilQuiet } from './observing/quiet.ts';
import type { Options } from './options.ts';
import { progressOf, type Result } from './result.ts';

type Parts = {
  stack: Stack;
  options: Options;
  result: Result;
  call: Client;
  clients: readonly CrashClient[];
  inspection: Inspection;
  live: LiveReaders;
  processes: Processes;
  /** These probes accept notes about problems; `wellProbes` do not. */
  probes: Probes;
  wellProbes: Probes;
  eraser: BrokerEraser;
  random: Random;
  say: (line: string) => void;
  signal: AbortSignal;
};

/** A round injects faults, waits for pending work and checks; a fault ends the run. */
export async function runRounds(parts: Parts): Promise<void> {
  const { stack, options, result, clients, inspection, live, processes, probes, random, say, signal } = parts;
  const { eraser, wellProbes } = parts;
  const injector = createFaultInjector({
    ...{ processes, eraser, probes, log: result.injected, signal },
    madeAgain: () => allKept(inspection.broker),
    answered: () => result.model.counts.answered,
  });
  const mailbox = createMailbox(stack.inbox);
  const names = await processes.names();
  const targets = options.targets ?? names;
  const losses = names.includes('broker') ? options.losses : { losses: [], percent: 0 };
  const withinMs = options.quietSeconds * 1_000;
  try {
    for (let left = options.kills; left > 0 && result.faults.length === 0; left -= options.round) {
      const planned = planFaults(random.fork(), targets, Math.min(left, options.round), losses);
      await whileWriting(clients, signal, () => injector.run(planned, signal));
      const lastFaultAt = performance.now();
      const moving = await untilQuiet({ inspection, probes: wellProbes, withinMs, say, signal });
      result.quietAfterMs.push(performance.now() - lastFaultAt);
      if (moving.length > 0) injector.giveUp();
      await injector.allBack();
      await mailbox.collect();
      const observed = await observe(inspection, mailbox.receipts, await eraser.erased());
      const { faults, excused, lostWithBroker } = check(result.model, observed, result.injected, ADMIN.email);
      const never = moving.map((detail): Fault => ({ kind: 'not-quiet', about: 'stack', detail }));
      const emails = [...mailbox.receipts.values()].flat().length;
      const { copies } = observed;
      Object.assign(result, { faults: [...never, ...faults], excused, lostWithBroker, copies, emails });
      if (moving.length === 0) {
        const sessions = clients.flatMap((client) => client.sessions());
        const logins = clients.flatMap((client) => client.logins());
        result.faults.push(...(await checkAccess(parts.call, sessions, logins, observed.memories)));
        const { events } = await readKept(inspection.broker);
        await live.caughtUp(events.at(-1)?.place ?? 0);
        result.faults.push(...checkLive(live.records, events));
        result.live = countsOf(live.records);
      }
      say(progressOf(result, options.kills));
    }
  } finally {
    injector.giveUp();
  }
}

async function whileWriting(
  clients: readonly CrashClient[],
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const writing = clients.map((client) => client.run(AbortSignal.any([signal, over.signal])));
  await Promise.all([work().finally(() => over.abort()), ...writing]);
}
