import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type KnownProcess, signalGroup } from '../../tools/stack/end-processes.ts';
import { processIdentity } from '../../tools/stack/process-identity.ts';
import type { Phase } from '../../tools/stack/process-spec.ts';

export const FOREVER = 'setInterval(() => {}, 1000); console.log("up");';
/** This script ignores SIGTERM. */
export const STUBBORN = `process.on('SIGTERM', () => {}); ${FOREVER}`;

/** The process stands for a child whose launcher has died. */
export async function orphan(phase: Phase = 'services', script = FOREVER): Promise<KnownProcess> {
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = child.pid ?? Number.NaN;
  onTestFinished(() => void signalGroup(pid, 'SIGKILL'));
  await once(child.stdout, 'data');
  return { name: phase, pid, identity: processIdentity(pid) ?? '', phase };
}
