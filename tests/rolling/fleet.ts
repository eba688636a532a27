import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN, authorizationBlock } from '../../tools/broker-users/engine-users.ts';
import { startBroker, startDatabase } from '../../tools/engines/index.ts';
import { newBrokerPasswords } from '../../tools/stack/broker-logins.ts';
import { createReplica, type Replica } from './replica.ts';
import { describeFleet, type FleetOptions, type FleetSpecs } from './specs.ts';

export type Fleet = Pick<FleetSpecs, 'inbox' | 'gateways'> & {
  id: string;
  database: string;
  /** The URL has an administrator's login. */
  broker: string;
  /** The order is that of the restarts. */
  replicas: Replica[];
  dataDir: string;
  stop(options: { keepData: boolean }): Promise<void>;
};

export async function startFleet(options: FleetOptions, signal: AbortSignal): Promise<Fleet> {
  const id = `test_${randomBytes(6).toString('hex')}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-test-rolling-'));
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async ({ keepData }: { keepData: boolean }): Promise<void> => {
    for (const end of stops.toReversed()) await end();
    if (!keepData) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    // The run always uses new servers of its own.
    const env = { ...process.env, NATS_URL: '', MONGODB_URL: '', DOCUMENTDB_HOST: '' };
    const passwords = newBrokerPasswords();
    const authorization = authorizationBlock(passwords, id);
    const database = await startDatabase({ dataDir: join(dataDir, 'database'), env, signal });
    stops.push(database.stop);
    const broker = await startBroker({ dataDir: join(dataDir, 'broker'), env, signal, authorization });
    stops.push(broker.stop);

    const engines = { id, databaseUrl: database.url, brokerUrl: broker.url, passwords };
    const { mail, services, inbox, gateways } = await describeFleet(options, dataDir, engines);
    const logFolder = join(dataDir, 'logs');
    await mkdir(logFolder);
    const catcher = createReplica(mail, logFolder);
    const replicas = services.map((spec) => createReplica(spec, logFolder));
    // A failed run must not leave them running.
    process.once('exit', () => {
      for (const replica of [catcher, ...replicas]) replica.kill();
    });
    stops.push(catcher.stop, () => Promise.all(replicas.map((replica) => replica.stop())));
    await Promise.all([catcher, ...replicas].map((replica) => replica.start(signal)));
    return {
      ...{ id, inbox, gateways, replicas, dataDir, stop },
      database: database.url,
      broker: broker.url.replace('://', `://${ADMIN}:${passwords[ADMIN]}@`),
    };
  } catch (err) {
    await stop({ keepData: !signal.aborted });
    throw err;
  }
}
