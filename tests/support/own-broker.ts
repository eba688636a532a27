import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningEngine, startBroker } from '../../tools/engines/index.ts';

export { freePort };

/** A broker of a test's own, that comes back on the same port with the same data. */
export type OwnBroker = {
  url: string;
  /** Ends it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay, nobody answers. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
};

/** Whether a broker can be killed here: in Docker it is no process of ours. */
export const canKillBroker = process.env.ENGINES !== 'docker';

export async function startOwnBroker(): Promise<OwnBroker> {
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-test-broker-'));
  const port = await freePort();
  const env = { ...process.env, NATS_URL: '' };
  let engine: RunningEngine = await startBroker({ dataDir, port, env });
  const signal = (name: NodeJS.Signals) => {
    if (engine.pid === undefined) throw new Error('this broker is no process of ours');
    process.kill(engine.pid, name);
  };
  return {
    url: engine.url,
    async kill() {
      signal('SIGKILL');
      await engine.stop();
    },
    async start() {
      engine = await startBroker({ dataDir, port, env });
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async stop() {
      await engine.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
