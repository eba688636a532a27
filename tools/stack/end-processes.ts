import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.ts';
import type { Phase } from './process-spec.ts';

const POLL_MS = 50;

export type KnownProcess = { name: string; pid: number; identity: string; phase: Phase };

/** Signals a child and its process group; returns false when neither exists. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch {
    return false;
  }
}

export function isAlive({ pid, identity }: Pick<KnownProcess, 'pid' | 'identity'>): boolean {
  return processIdentity(pid) === identity;
}

/** Ends services before engines, each within half of `graceMs`; returns the processes found. */
export async function endProcesses(known: KnownProcess[], graceMs: number): Promise<KnownProcess[]> {
  const alive = known.filter(isAlive);
  const sides = Map.groupBy(alive, ({ phase }) => phase === 'broker' || phase === 'database');
  for (const isEngine of [false, true]) await endTogether(sides.get(isEngine) ?? [], graceMs / 2);
  return alive;
}

async function endTogether(known: KnownProcess[], graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { pid } of known.filter(isAlive)) signalGroup(pid, signal);
    const deadline = performance.now() + graceMs;
    while (known.some(isAlive) && performance.now() < deadline) await delay(POLL_MS);
  }
}
