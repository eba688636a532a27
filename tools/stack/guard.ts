import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { endProcesses, type KnownProcess } from './end-processes.ts';
import { readState, type StateFile } from './state-file.ts';

const RESTART_MS = 1000;

export type Guardian = { pid(): number | undefined; goodbye(): Promise<void> };

/** A channel that closes without a goodbye means that the launcher has died; returns the ended children. */
export async function guard(
  channel: NodeJS.ReadableStream,
  { file, launcher }: Pick<StateFile, 'file' | 'launcher'>,
  graceMs: number,
): Promise<KnownProcess[]> {
  if ((await text(channel)) !== '') return [];
  const state = readState(file);
  return state?.launcher.identity === launcher ? endProcesses(state.children, graceMs) : [];
}

export function startGuardian({ file, launcher }: Pick<StateFile, 'file' | 'launcher'>): Guardian {
  let leaving = false;
  let timer: NodeJS.Timeout | undefined;
  let child: ChildProcess;
  const start = () => {
    // A session of its own protects it from Ctrl-C and from the closing of the terminal.
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
