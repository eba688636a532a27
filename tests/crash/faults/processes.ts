import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { isAlive, type KnownProcess } from '../../../tools/stack/end-processes.ts';
import { STOP_ORDER } from '../../../tools/stack/process-spec.ts';

const state = z.object({
  children: z.array(
    z.object({ name: z.string(), pid: z.number(), identity: z.string(), phase: z.enum(STOP_ORDER) }),
  ),
});

const POLL_MS = 20;
/** The launcher restarts a dead process after a short pause. */
const BACK_WITHIN_MS = 20_000;

/** The names are from the launcher's state file. */
export type Processes = {
  names(): Promise<string[]>;
  /** It waits for a restart when the process is dead, and resolves when it is gone. */
  kill(name: string): Promise<void>;
  /** It returns a function that resumes the process. */
  freeze(name: string): Promise<() => void>;
};

export function findProcesses(dataDir: string): Processes {
  const children = async (): Promise<KnownProcess[]> =>
    state.parse(JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8'))).children;

  async function find(name: string): Promise<KnownProcess> {
    for (const deadline = performance.now() + BACK_WITHIN_MS; performance.now() < deadline; ) {
      const found = (await children()).find((child) => child.name === name && isAlive(child));
      if (found) return found;
      await delay(POLL_MS);
    }
    throw new Error(`${name} was not started again`);
  }

  return {
    names: async () => (await children()).map(({ name }) => name).toSorted(),
    async kill(name) {
      const found = await find(name);
      process.kill(found.pid, 'SIGKILL');
      while (isAlive(found)) await delay(1);
    },
    async freeze(name) {
      const found = await find(name);
      process.kill(found.pid, 'SIGSTOP');
      return () => void (isAlive(found) && process.kill(found.pid, 'SIGCONT'));
    },
  };
}
