import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type * as z from 'zod';

/** A script runs in a process of its own, so that its memory and CPU time are separate. */
export type Child = {
  pid: number;
  send(message: string | object): void;
  /** @throws {Error} when the child ends before it sends a message */
  hear<T>(schema: z.ZodType<T>): Promise<T>;
  end(): void;
};

/** It leads a session like a service of a stack: Linux shares cores between sessions (sched_autogroup). */
export function startChild(script: string, args: string[], signal: AbortSignal): Child {
  const file = join(import.meta.dirname, script);
  const execArgv = ['--expose-gc'];
  const child = fork(file, args, { execArgv, detached: true, signal, killSignal: 'SIGKILL' });
  const giveUp = () => void child.kill('SIGKILL');
  process.once('exit', giveUp);
  child.once('exit', () => process.off('exit', giveUp));
  // `hear` throws for this error.
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

export function say(message: object): void {
  process.send?.(message);
}

export function endWithParent(): void {
  process.on('disconnect', () => process.exit());
}

/** After garbage collection, the figures show only live memory. */
export function memoryInUse(): NodeJS.MemoryUsage {
  globalThis.gc?.();
  return process.memoryUsage();
}
