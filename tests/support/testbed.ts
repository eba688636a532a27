import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerAddress } from '@quartet/common/config/fields.ts';
import { connectDatabase, type Database } from '@quartet/common/database/database.ts';
import { type Broker, connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog, type Log } from '@quartet/common/process/logging.ts';
import { inject } from 'vitest';
import { type RunningEngine, startBroker } from '../../tools/engines/index.ts';
import { removeStreams } from './remove-streams.ts';

export type Testbed = {
  env: Record<string, string>;
  database: Database;
  broker: Broker;
  /** With NATS_URL set, this is a foreign broker. */
  brokerEngine: RunningEngine;
  log: Log;
  /** Returns the parsed log lines of services that were given `log`. */
  logLines(): Record<string, unknown>[];
  stopLater(stop: () => Promise<void>): void;
  stop(): Promise<void>;
};

/** With NATS_URL set, the testbed uses a namespace there; `stop` removes everything. */
export async function startTestbed(): Promise<Testbed> {
  const id = `test_${randomBytes(6).toString('hex')}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-test-broker-'));
  const brokerEngine = await startBroker({ dataDir });
  const lines: string[] = [];
  const log = createLog('test', 'debug', { write: (line) => void lines.push(line) });
  const { signal } = new AbortController();
  const address = { url: inject('databaseUrl'), name: id };
  const database = await connectDatabase(address, 'quartet-test', log, signal);
  const broker = await connectBroker({
    ...brokerAddress.parse(brokerEngine.url),
    namespace: id,
    name: 'test',
    log,
    signal,
  });
  const stops: (() => Promise<void>)[] = [];
  return {
    env: {
      MONGODB_URL: address.url,
      DOCUMENTDB_DB: id,
      NATS_URL: brokerEngine.url,
      NATS_NAMESPACE: id,
      SECRET_KEY: 'a secret key that only tests sign with',
      HOST: '127.0.0.1',
      PORT: '0',
      PRIVATE_PORT: '0',
      PASSWORD_HASH_ROUNDS: '4',
      RATE_LIMITS: 'off',
    },
    database,
    broker,
    brokerEngine,
    log,
    logLines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    stopLater: (stop) => void stops.push(stop),
    async stop() {
      for (const stop of stops.toReversed()) await stop();
      await database.db.dropDatabase();
      await database.close();
      if (brokerEngine.source === 'configured') await removeStreams(broker);
      await broker.close();
      await brokerEngine.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
