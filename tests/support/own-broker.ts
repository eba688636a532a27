import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningEngine, startBroker } from '../../tools/engines/index.ts';

export { freePort };

/** A restart keeps the broker's port and data. */
export type OwnBroker = {
  url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Saves a copy of the files while the broker is stopped. */
  keepFiles(): Promise<void>;
  /** Restores the saved files, or empties the folder, while the broker is stopped. */
  loseFiles(): Promise<void>;
  /** SIGSTOP keeps connections open, without answers. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
};

/** In Docker, the broker is no process of ours. */
export const canKillBroker = process.env.ENGINES !== 'docker';

export async function startOwnBroker(): Promise<OwnBroker> {
  const home = await mkdtemp(join(tmpdir(), 'quartet-test-broker-'));
  const [dataDir, kept] = [join(home, 'data'), join(home, 'kept')];
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
    async keepFiles() {
      await rm(kept, { recursive: true, force: true });
      await cp(dataDir, kept, { recursive: true });
    },
    async loseFiles() {
      await rm(dataDir, { recursive: true, force: true });
      await cp(kept, dataDir, { recursive: true }).catch((err: NodeJS.ErrnoException) => {
        if (err.code !== 'ENOENT') throw err;
      });
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async stop() {
      await engine.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
