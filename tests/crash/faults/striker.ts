import { setTimeout as delay } from 'node:timers/promises';
import type { Loser } from './loser.ts';
import type { Loss } from './losses.ts';
import { type Probes, untilBack } from './probes.ts';
import type { Processes } from './processes.ts';
import type { InjectedFault } from './schedule.ts';

/**
 * A strike on one process as it happened. `goneForMs`: so long at least nothing had taken its place; `backAfterMs`: until it
 * worked again, or what the broker lost had been made again.
 */
export type Struck = {
  kind: InjectedFault['kind'];
  target: string;
  /** What was lost. */
  what?: Loss;
  atMs: number;
  forMs?: number;
  goneForMs?: number;
  backAfterMs?: number;
};

/** Carries out what a schedule says. */
export type FaultInjector = {
  /** Resolves when all strikes are carried out and nothing is frozen any more; throws if a process stays away. */
  run(strikes: readonly InjectedFault[], signal: AbortSignal): Promise<void>;
  /** Resolves when everything that was killed works again, and what was lost has been made again. */
  allBack(): Promise<void>;
  /** Waits for nothing any more. */
  giveUp(): void;
};

/** Beyond this it does not wait for answers: what was struck may be why there are none. */
const ANSWERS_WITHIN_MS = 5_000;
const POLL_MS = 5;

/**
 * @param madeAgain throws unless the broker has all that it should keep
 * @param log what is done is added to it
 * @param answered how many writes have been answered so far
 * @param signal ends the wait for what was killed
 */
export function createFaultInjector(options: {
  processes: Processes;
  loser: Loser;
  probes: Probes;
  madeAgain: () => Promise<void>;
  log: Struck[];
  answered: () => number;
  signal: AbortSignal;
}): FaultInjector {
  const { processes, loser, probes, madeAgain, log, answered, signal } = options;
  let coming: Promise<void>[] = [];
  const givenUp = new AbortController();
  const waits = AbortSignal.any([signal, givenUp.signal]);

  async function kill(target: string): Promise<void> {
    await processes.kill(target);
    const struck: Struck = { kind: 'kill', target, atMs: Date.now() };
    log.push(struck);
    comesBack(struck, probeOf(target));
  }

  function comesBack(struck: Struck, probe: () => Promise<void>): void {
    const stillGone = (atMs: number) => {
      struck.goneForMs = atMs - struck.atMs;
    };
    coming.push(
      untilBack(probe, waits, stillGone).then(() => {
        if (!waits.aborted) struck.backAfterMs = Date.now() - struck.atMs;
      }),
    );
  }

  async function lose(what: Loss): Promise<void> {
    const atMs = await loser.lose(what);
    if (atMs === undefined) return;
    const struck: Struck = { kind: 'lose', target: 'broker', what, atMs };
    log.push(struck);
    comesBack(struck, madeAgain);
  }

  async function freeze(target: string, forMs: number, over: AbortSignal): Promise<void> {
    const goOn = await processes.freeze(target);
    log.push({ kind: 'freeze', target, atMs: Date.now(), forMs });
    await delay(forMs, undefined, { signal: over }).catch(() => undefined);
    goOn();
  }

  async function untilDue({ afterMs, afterAnswers }: InjectedFault, over: AbortSignal): Promise<void> {
    const wanted = answered() + afterAnswers;
    const deadline = performance.now() + ANSWERS_WITHIN_MS;
    await delay(afterMs, undefined, { signal: over }).catch(() => undefined);
    while (answered() < wanted && performance.now() < deadline && !over.aborted) await delay(POLL_MS);
  }

  function probeOf(target: string): () => Promise<void> {
    const probe = probes.get(target);
    if (!probe) throw new Error(`nobody knows how to see whether ${target} works`);
    return probe;
  }

  return {
    async run(strikes, over) {
      const frozen: Promise<void>[] = [];
      for (const strike of strikes) {
        await untilDue(strike, over);
        if (over.aborted) break;
        if (strike.kind === 'kill') await Promise.all(strike.targets.map(kill));
        else if (strike.kind === 'lose') await lose(strike.what);
        else frozen.push(...strike.targets.map((target) => freeze(target, strike.forMs, over)));
      }
      await Promise.all(frozen);
    },
    async allBack() {
      await Promise.all(coming);
      coming = [];
    },
    giveUp: () => givenUp.abort(),
  };
}
