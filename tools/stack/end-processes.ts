import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.ts';
import type { Phase } from './process-spec.ts';

const POLL_MS = 50;

/** A process that was started by us, recognisable after we have lost sight of it. */
export type KnownProcess = {
  name: string;
  pid: number;
  identity: string;
  phase: Phase;
};

/** Signals a child and what it has started, which share a process group; false when nothing is left to signal. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Whether this very process still runs, not merely another one with its pid. */
export function isAlive(known: KnownProcess): boolean {
  return processIdentity(known.pid) === known.identity;
}

/**
 * Ends processes that are no longer supervised: the services first, then the engines they write to, each side with half
 * of `graceMs` before it is killed. Returns those that were still there.
 */
export async function endProcesses(known: KnownProcess[], graceMs: number): Promise<KnownProcess[]> {
  const alive = known.filter(isAlive);
  const isEngine = ({ phase }: KnownProcess) => phase === 'broker' || phase === 'database';
  await endTogether(
    alive.filter((one) => !isEngine(one)),
    graceMs / 2,
  );
  await endTogether(alive.filter(isEngine), graceMs / 2);
  return alive;
}

async function endTogether(known: KnownProcess[], graceMs: number): Promise<void> {
  signalAll(known, 'SIGTERM');
  await waitForEnd(known, graceMs);
  signalAll(known, 'SIGKILL');
  await waitForEnd(known, graceMs);
}

function signalAll(known: KnownProcess[], signal: NodeJS.Signals): void {
  for (const one of known.filter(isAlive)) {
    signalGroup(one.pid, signal);
  }
}

async function waitForEnd(known: KnownProcess[], withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (known.some(isAlive) && performance.now() < deadline) {
    await delay(POLL_MS);
  }
}
