import { ADMIN, type Client } from '../support/client.ts';
import type { Stack } from '../system/stack.ts';
import { check } from './checks/check.ts';
import { checkAccess } from './checks/check-access.ts';
import type { Fault } from './checks/faults.ts';
import type { CrashClient } from './clients/client.ts';
import type { Loser } from './faults/loser.ts';
import type { Probes } from './faults/probes.ts';
import type { Processes } from './faults/processes.ts';
import type { Random } from './faults/random.ts';
import { planFaults } from './faults/schedule.ts';
import { createFaultInjector } from './faults/striker.ts';
import type { Inspection } from './observing/inspection.ts';
import { allKept } from './observing/kept.ts';
import { createMailbox } from './observing/mailbox.ts';
import { observe } from './observing/observe.ts';
import { untilQuiet } from './observing/quiet.ts';
import type { Options } from './options.ts';
import { progressOf, type Result } from './result.ts';

/** A started stack, who writes to it and who strikes it. */
type Parts = {
  stack: Stack;
  options: Options;
  /** Grows as the run goes on. */
  result: Result;
  call: Client;
  clients: readonly CrashClient[];
  inspection: Inspection;
  processes: Processes;
  /** Whether a process works, and whether it works as it should, with nothing to note. */
  probes: Probes;
  wellProbes: Probes;
  loser: Loser;
  random: Random;
  say: (line: string) => void;
  signal: AbortSignal;
};

/**
 * Round after round: strikes while clients write, lets everything come to rest, checks everything. Ends early after a
 * round with a fault.
 */
export async function runRounds(parts: Parts): Promise<void> {
  const { stack, options, result, clients, inspection, processes, probes, random, say, signal } = parts;
  const { loser, wellProbes } = parts;
  const striker = createFaultInjector({
    ...{ processes, loser, probes, log: result.struck, signal },
    madeAgain: () => allKept(inspection.broker),
    answered: () => result.model.counts.answered,
  });
  const mailbox = createMailbox(stack.inbox);
  const names = await processes.names();
  const targets = options.targets ?? names;
  // A broker that somebody else runs keeps what it has.
  const losses = names.includes('broker') ? options.losses : { losses: [], percent: 0 };
  const withinMs = options.quietSeconds * 1_000;
  try {
    for (let left = options.kills; left > 0 && result.faults.length === 0; left -= options.round) {
      const strikes = planFaults(random.fork(), targets, Math.min(left, options.round), losses);
      await whileWriting(clients, signal, () => striker.run(strikes, signal));
      const lastStrikeAt = performance.now();
      const moving = await untilQuiet({ inspection, probes: wellProbes, withinMs, say, signal });
      result.quietAfterMs.push(performance.now() - lastStrikeAt);
      if (moving.length > 0) striker.giveUp();
      await striker.allBack();
      await mailbox.collect();
      const observed = await observe(inspection, mailbox.receipts, await loser.lost());
      const { faults, excused, lostWithBroker } = check(result.model, observed, result.struck, ADMIN.email);
      const never = moving.map((detail): Fault => ({ kind: 'not-quiet', about: 'stack', detail }));
      const emails = [...mailbox.receipts.values()].flat().length;
      const { copies } = observed;
      Object.assign(result, { faults: [...never, ...faults], excused, lostWithBroker, copies, emails });
      if (moving.length === 0) {
        const sessions = clients.flatMap((client) => client.sessions());
        const logins = clients.flatMap((client) => client.logins());
        result.faults.push(...(await checkAccess(parts.call, sessions, logins, observed.memories)));
      }
      say(progressOf(result, options.kills));
    }
  } finally {
    striker.giveUp();
  }
}

/** Lets the clients write until the work is done, and waits for their last answers. */
async function whileWriting(
  clients: readonly CrashClient[],
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const writing = clients.map((client) => client.run(AbortSignal.any([signal, over.signal])));
  await Promise.all([work().finally(() => over.abort()), ...writing]);
}
