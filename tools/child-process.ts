import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const KILL_AFTER_MS = 5000;

export type Ended = {
  /** It is null when a signal ended the program, and when the program did not start. */
  code: number | null;
  output: string;
  /** It is a code such as `ENOENT` when the program did not start. */
  error?: string;
};

type RunOptions = {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs?: number;
  onLine?: (line: string) => void;
  signal?: AbortSignal | undefined;
};

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

export function endChild(child: ChildProcess): void {
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  child.once('close', () => clearTimeout(killer));
}

/** Runs a program to its end. @throws the signal's reason after an abort, which ends the program */
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
