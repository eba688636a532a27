import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../tools/engines/index.ts';

export type BenchService = {
  url: string;
  residentMb(): number;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
};

const STOP_WITHIN_MS = 5_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a service and waits until it is ready; the signal aborts the start. */
export async function startService(
  name: string,
  env: Record<string, string>,
  signal?: AbortSignal,
  flags: readonly string[] = [],
): Promise<BenchService> {
  const [port, privatePort] = [await freePort(), await freePort()];
  const main = join(import.meta.dirname, `../services/${name}/src/main.ts`);
  const own = { HOST: '127.0.0.1', PORT: String(port), PRIVATE_PORT: String(privatePort), LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, [...flags, main], {
    env: { ...process.env, ...env, ...own },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  const ready = () => fetch(`http://127.0.0.1:${privatePort}/health/ready`).then(({ ok }) => ok);
  while (!(await ready().catch(() => false))) {
    if (signal?.aborted) child.kill('SIGKILL');
    if (!running.has(child)) throw new Error(`${name} did not start`);
    await delay(100);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    residentMb: () =>
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) / 1024,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill();
      const killing = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(killing);
    },
  };
}
