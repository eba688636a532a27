import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { KnownProcess } from './end-processes.ts';
import type { GuardMessage } from './guard.ts';

const RESTART_MS = 1000;

/** The launcher's line to the process that ends its children should it die. */
export type Guardian = {
  pid(): number | undefined;
  watch(child: KnownProcess): void;
  forget(pid: number): void;
  /** The launcher ends in order; nothing is left to guard. */
  goodbye(): Promise<void>;
};

/** Starts a guardian, and another one with the same knowledge should it die. */
export function startGuardian(): Guardian {
  const watched = new Map<number, KnownProcess>();
  let leaving = false;
  let timer: NodeJS.Timeout | undefined;
  let child: ChildProcess;

  const send = (message: GuardMessage) => void child.stdin?.write(`${JSON.stringify(message)}\n`);
  const start = () => {
    // detached: a session of its own, which neither Ctrl-C nor the closing of the terminal reaches.
    child = spawn(process.execPath, [join(import.meta.dirname, 'guardian.ts')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
    });
    // A write to a guardian that has just died fails here; the next one is told all again.
    child.stdin?.on('error', () => {});
    child.once('error', () => {});
    child.once('exit', () => {
      timer = leaving ? undefined : setTimeout(start, RESTART_MS);
    });
    for (const one of watched.values()) {
      send({ watch: one });
    }
  };
  start();

  return {
    pid: () => child.pid,
    watch(one) {
      watched.set(one.pid, one);
      send({ watch: one });
    },
    forget(pid) {
      watched.delete(pid);
      send({ forget: pid });
    },
    async goodbye() {
      leaving = true;
      clearTimeout(timer);
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit');
        send({ goodbye: true });
        child.stdin?.end();
        await exit;
      }
    },
  };
}
