import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, connectBroker } from '@quartet/common/events/broker/broker.ts';
import { ensureTopology } from '@quartet/common/events/broker/topology.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { type allBrokerUsers, authorizationBlock } from '../../tools/broker-users/engine-users.ts';
import { startBroker } from '../../tools/engines/index.ts';
import { newBrokerPasswords } from '../../tools/stack/broker-logins.ts';

export const NAMESPACE = 'guarded';

type UserName = (typeof allBrokerUsers)[number];

export type Refusals = { operation: string; subject: string }[];

export type Guarded = { broker: Broker; refusals: Refusals; lines: Record<string, unknown>[] };

/** The users are those of `npm start`, and auth makes the topology with its own login. */
export type GuardedBroker = {
  url: string;
  passwords: Record<UserName, string>;
  as(user: UserName, url?: string): Promise<Guarded>;
  stop(): Promise<void>;
};

export async function startGuardedBroker(): Promise<GuardedBroker> {
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-test-guarded-'));
  const passwords = newBrokerPasswords();
  const engine = await startBroker({
    dataDir,
    env: { ...process.env, NATS_URL: '' },
    authorization: authorizationBlock(passwords, NAMESPACE),
  });
  const opened: Broker[] = [];
  const as = async (user: UserName, url = engine.url): Promise<Guarded> => {
    const lines: Record<string, unknown>[] = [];
    const broker = await connectBroker({
      servers: [url],
      user,
      password: passwords[user],
      namespace: NAMESPACE,
      name: user,
      log: createLog(user, 'debug', { write: (line) => void lines.push(JSON.parse(line)) }),
      signal: AbortSignal.timeout(10_000),
    });
    opened.push(broker);
    return { broker, refusals: refusalsOf(broker), lines };
  };
  const stop = async () => {
    for (const broker of opened) await broker.close();
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await ensureTopology((await as('auth')).broker, 3600);
  } catch (err) {
    await stop();
    throw err;
  }
  return { url: engine.url, passwords, as, stop };
}

/** The broker refuses in order: after a `flush`, all earlier refusals have arrived. */
function refusalsOf({ nc }: Broker): Refusals {
  const refusals: Refusals = [];
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type !== 'error' || !('operation' in status.error)) continue;
      const { operation, subject } = status.error as unknown as Refusals[number];
      refusals.push({ operation, subject });
    }
  })();
  return refusals;
}
