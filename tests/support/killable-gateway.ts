import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../tools/engines/index.ts';
import { untilHealthy } from '../../tools/stack/ready-check.ts';
import type { Testbed } from './testbed.ts';

export type KillableGateway = {
  url: string;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again at the same address, and waits until it is ready. */
  start(): Promise<void>;
};

const READY_WITHIN_MS = 60_000;

/** A gateway that is a process of its own; `env` has the addresses of the services. */
export async function startKillableGateway(
  bed: Testbed,
  env: Record<string, string>,
): Promise<KillableGateway> {
  const [port, privatePort] = [await freePort(), await freePort()];
  const own = { ...process.env, ...bed.env, ...env, PORT: String(port), PRIVATE_PORT: String(privatePort) };
  const ready = `http://127.0.0.1:${privatePort}/health/ready`;
  let child: ChildProcess | undefined;

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
  async function start(): Promise<void> {
    child = spawn(process.execPath, ['services/gateway/src/main.ts'], { env: own, stdio: 'ignore' });
    if (!(await untilHealthy(ready, AbortSignal.timeout(READY_WITHIN_MS))))
      throw new Error('the gateway did not become ready');
  }
  bed.stopLater(kill);
  await start();
  return { url: `http://127.0.0.1:${port}`, kill, start };
}
