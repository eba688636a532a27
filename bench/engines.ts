import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, startDatabase } from '../tools/engines/index.ts';

export const firstSuperuser = { FIRST_SUPERUSER: 'a@example.com', FIRST_SUPERUSER_PASSWORD: 'changethis' };

/** Starts engines of a benchmark's own in a temporary folder; `env` is what the services on them need. */
export async function startEngines(resources: AsyncDisposableStack, signal: AbortSignal) {
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-bench-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  const database = await startDatabase({ dataDir: join(dataDir, 'database'), signal });
  resources.defer(() => database.stop());
  const broker = await startBroker({ dataDir: join(dataDir, 'broker'), signal });
  resources.defer(() => broker.stop());
  const env = {
    ...firstSuperuser,
    MONGODB_URL: database.url,
    DOCUMENTDB_DB: 'bench',
    NATS_URL: broker.url,
    NATS_NAMESPACE: 'bench',
    SECRET_KEY: 'a secret key for a benchmark',
    PASSWORD_HASH_ROUNDS: '4',
    RATE_LIMITS: 'off',
  };
  return { databaseUrl: database.url, brokerUrl: broker.url, env };
}
