import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerEraser } from './broker-eraser.ts';
import type { DataLoss } from './data-loss.ts';
import { type Probes, untilBack } from './probes.ts';
import type { Processes } from './processes.ts';
import type { InjectedFault } from './schedule.ts';

/** `goneForMs` is the least time without the process; `backAfterMs` is the time until it worked again. */
export type InjectionRecord = {
  kind: InjectedFault['kind'];
  target: string;
  what?: DataLoss;
  atMs: number;
  forMs?: number;
  goneForMs?: number;
  backAfterMs?: number;
};

export type FaultInjector = {
  /** @throws {Error} when a process does not return */
  run(planned: readonly InjectedFault[], signal: AbortSignal): Promise<void>;
  allBack(): Promise<void>;
  giveUp(): void;
};

/** The faults themselves may prevent answers, so the wait is limited. */
const ANSWERS_WITHIN_MS = 5_000;
const POLL_MS = 5;

/** `madeAgain` throws when the broker lacks data; `answered` counts writes. */
export function createFaultInjector(options: {
  processes: Processes;
  eraser: BrokerEraser;
  probes: Probes;
  madeAgain: () => Promise<void>;
  log: InjectionRecord[];
  answered: () => number;
  signal: AbortSignal;
}): FaultInjector {
  const { processes, eraser, probes, madeAgain, log, answered, signal } = options;
  let coming: Promise<void>[] = [];
  const givenUp = new AbortController();
  const waits = AbortSignal.any([signal, givenUp.signal]);

  async function kill(target: string): Promise<void> {
    await processes.kill(target);
    const record: InjectionRecord = { kind: 'kill', target, atMs: Date.now() };
    log.push(record);
    comesBack(record, probeOf(target));
  }

  function comesBack(record: InjectionRecord, probe: () => Promise<void>): void {
    const stillGone = (atMs: number) => {
      record.goneForMs = atMs - record.atMs;
    };
    coming.push(
      untilBack(probe, waits, stillGone).then(() => {
        if (!waits.aborted) record.backAfterMs = Date.now() - record.atMs;
      }),
    );
  }

  async function erase(what: DataLoss): Promise<void> {
    const atMs = await eraser.erase(what);
    if (atMs === undefined) return;
    const record: InjectionRecord = { kind: 'erase', target: 'broker', what, atMs };
    log.push(record);
    comesBack(record, madeAgain);
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
    async run(planned, over) {
      const frozen: Promise<void>[] = [];
      for (const fault of planned) {
        await untilDue(fault, over);
        if (over.aborted) break;
        if (fault.kind === 'kill') await Promise.all(fault.targets.map(kill));
        else if (fault.kind === 'erase') await erase(fault.what);
        else frozen.push(...fault.targets.map((target) => freeze(target, fault.forMs, over)));
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
