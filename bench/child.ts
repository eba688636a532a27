import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type * as z from 'zod';

/** A script of these benchmarks that runs in a process of its own, so that its memory and CPU time are its own. */
export type Child = {
  pid: number;
  send(message: string | object): void;
  /** The next thing it says. @throws when it ends instead */
  hear<T>(schema: z.ZodType<T>): Promise<T>;
  end(): void;
};

/**
 * Like the services of a stack it leads a session of its own, between which Linux shares the cores (sched_autogroup); it ends
 * with this process all the same.
 * @param script below `bench/`
 */
export function startChild(script: string, args: string[], signal: AbortSignal): Child {
  const file = join(import.meta.dirname, script);
  const execArgv = ['--expose-gc'];
  const child = fork(file, args, { execArgv, detached: true, signal, killSignal: 'SIGKILL' });
  const giveUp = () => void child.kill('SIGKILL');
  process.once('exit', giveUp);
  child.once('exit', () => process.off('exit', giveUp));
  // `hear` throws for it.
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error(`${script} did not start`);
  return {
    pid: child.pid,
    send: (message) => void child.send(message),
    async hear(schema) {
      const over = new AbortController();
      const options = { signal: over.signal };
      const ended = once(child, 'exit', options).then(() => {
        throw new Error(`${script} ended before it was done`);
      });
      try {
        const [message] = await Promise.race([once(child, 'message', options), ended]);
        return schema.parse(message);
      } finally {
        over.abort();
        ended.catch(() => undefined);
      }
    },
    end: giveUp,
  };
}

/** Runs a script that says one thing and ends. */
export async function runChild<T>(
  script: string,
  args: string[],
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const child = startChild(script, args, signal);
  try {
    return await child.hear(schema);
  } finally {
    child.end();
  }
}

/** For the script itself: says something, and ends with the process that started it. */
export function say(message: object): void {
  process.send?.(message);
}

export function endWithParent(): void {
  process.on('disconnect', () => process.exit());
}

/** Collects garbage, so that what is left is what is held. */
export function memoryInUse(): NodeJS.MemoryUsage {
  globalThis.gc?.();
  return process.memoryUsage();
}
