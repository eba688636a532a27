import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, startDatabase } from '../../tools/engines/index.ts';
import { MALLOC_SETTINGS, NODE_FLAGS } from '../../tools/stack/node-process.ts';
import { type BenchService, startService } from '../service-process.ts';
import type { Options } from './options.ts';

export type LiveStack = { gateway: BenchService };

/** All services, each a process, on engines of their own. */
export async function startLiveStack(
  { streams, perUser }: Options,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<LiveStack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-bench-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  const database = await startDatabase({ dataDir: join(dataDir, 'database'), signal });
  resources.defer(() => database.stop());
  const broker = await startBroker({ dataDir: join(dataDir, 'broker'), signal });
  resources.defer(() => broker.stop());
  const env: Record<string, string> = {
    ...MALLOC_SETTINGS,
    ...{ FIRST_SUPERUSER: 'a@example.com', FIRST_SUPERUSER_PASSWORD: 'changethis' },
    ...{ MONGODB_URL: database.url, DOCUMENTDB_DB: 'bench' },
    ...{ NATS_URL: broker.url, NATS_NAMESPACE: 'bench' },
    ...{ SECRET_KEY: 'a secret key for a benchmark', PASSWORD_HASH_ROUNDS: '4', RATE_LIMITS: 'off' },
    CONNECTIONS_PER_ADDRESS: String(streams + 10_000),
    LIVE_CONNECTIONS: String(streams + perUser),
    LIVE_CONNECTIONS_PER_USER: String(perUser),
  };
  const start = async (name: string): Promise<BenchService> => {
    const service = await startService(name, env, signal, NODE_FLAGS);
    resources.defer(() => service.stop());
    return service;
  };
  const auth = await start('auth');
  env.AUTH_URL = auth.url;
  env.ITEMS_URL = (await start('items')).url;
  env.NOTIFIER_URL = (await start('notifier')).url;
  return { gateway: await start('gateway') };
}
