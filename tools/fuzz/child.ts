import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const KILL_AFTER_MS = 5_000;

export type Child = {
  /** Null when a signal ended it. */
  code: number | null;
  /** All it wrote, stdout and stderr. */
  output: string;
};

/**
 * Runs a program to its end and passes on each line it writes. The abort of `signal` ends it.
 * @throws the system's error when it cannot be started, the signal's reason after an abort
 */
export async function runChild(
  command: string,
  args: string[],
  options: {
    env: NodeJS.ProcessEnv;
    cwd?: string;
    onLine?: (line: string) => void;
    signal?: AbortSignal | undefined;
  },
): Promise<Child> {
  const { env, cwd, onLine, signal } = options;
  signal?.throwIfAborted();
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      onLine?.(line);
    });
  }
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  };
  signal?.addEventListener('abort', stop);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    return { code, output: lines.join('\n') };
  } finally {
    clearTimeout(killer);
    signal?.removeEventListener('abort', stop);
  }
}
