import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const KILL_AFTER_MS = 5000;

export type Ended = {
  /** Null when a signal ended it, and when it could not be started. */
  code: number | null;
  output: string;
  /** `ENOENT` and its like when it could not be started. */
  error?: string;
};

type RunOptions = {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs?: number;
  onLine?: (line: string) => void;
  signal?: AbortSignal | undefined;
};

/** Starts a program without input, and passes on each line that it writes. */
export function spawnLines(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
  onLine: (line: string) => void,
): ChildProcess {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', onLine);
  return child;
}

/** Asks a child to end, and kills it if it does not. */
export function endChild(child: ChildProcess): void {
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  child.once('close', () => clearTimeout(killer));
}

/** Runs a program to its end; throws only the signal's reason after an abort, which ends the program. */
export async function runChild(file: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { env, cwd, timeoutMs: timeout, onLine, signal } = options;
  signal?.throwIfAborted();
  const lines: string[] = [];
  const ended = Promise.withResolvers<Ended>();
  const child = spawnLines(file, args, { env, cwd, timeout }, (line) => {
    lines.push(line);
    onLine?.(line);
  });
  const stop = () => endChild(child);
  signal?.addEventListener('abort', stop);
  child.once('error', (err: NodeJS.ErrnoException) =>
    ended.resolve({ code: null, output: lines.join('\n'), error: err.code ?? err.message }),
  );
  child.once('close', (code) => ended.resolve({ code, output: lines.join('\n') }));
  const result = await ended.promise;
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  return result;
}
