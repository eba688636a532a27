import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { endProcesses, type KnownProcess } from './end-processes.ts';
import { readState, type StateFile } from './state-file.ts';

const RESTART_MS = 1000;

/** A process that ends the children of its launcher should that die. */
export type Guardian = { pid(): number | undefined; goodbye(): Promise<void> };

/** Ends the children of a launcher that closes the channel without a goodbye, since it has died; returns them. */
export async function guard(
  channel: NodeJS.ReadableStream,
  { file, launcher }: Pick<StateFile, 'file' | 'launcher'>,
  graceMs: number,
): Promise<KnownProcess[]> {
  if ((await text(channel)) !== '') return [];
  const state = readState(file);
  return state?.launcher.identity === launcher ? endProcesses(state.children, graceMs) : [];
}

/** Starts a guardian, and another one should it die. */
export function startGuardian({ file, launcher }: Pick<StateFile, 'file' | 'launcher'>): Guardian {
  let leaving = false;
  let timer: NodeJS.Timeout | undefined;
  let child: ChildProcess;
  const start = () => {
    // detached: a session of its own, which neither Ctrl-C nor the closing of the terminal reaches.
    child = spawn(process.execPath, [join(import.meta.dirname, 'guardian.ts'), file, launcher], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
    });
    for (const source of [child, child.stdin]) source?.on('error', () => {});
    child.once('exit', () => {
      timer = leaving ? undefined : setTimeout(start, RESTART_MS);
    });
  };
  start();
  return {
    pid: () => child.pid,
    async goodbye() {
      leaving = true;
      clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.stdin?.end('goodbye');
      await exit;
    },
  };
}
