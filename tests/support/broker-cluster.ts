import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningEngine, resolveBroker, startPlan } from '../../tools/engines/index.ts';

const SIZE = 3;

export type BrokerCluster = {
  urls: string[];
  kill(name: string): Promise<void>;
  start(name: string): Promise<void>;
  stop(): Promise<void>;
};

export async function startBrokerCluster(): Promise<BrokerCluster> {
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-test-cluster-'));
  const env = { ...process.env, NATS_URL: '' };
  const servers = await Promise.all(
    Array.from({ length: SIZE }, async (_, n) => {
      const place = { dataDir: join(dataDir, `${n}`), port: await freePort(), env };
      return { name: `broker-${n}`, place, clusterPort: await freePort() };
    }),
  );
  const routes = servers.map(({ clusterPort }) => `nats://127.0.0.1:${clusterPort}`);
  const engines = new Map<string, RunningEngine>();

  const start = async (name: string): Promise<void> => {
    const server = servers.find((one) => one.name === name);
    if (!server) throw new Error(`there is no ${name}`);
    const { place, clusterPort } = server;
    const plan = await resolveBroker(place);
    if (plan.kind !== 'process') throw new Error('a cluster is made of processes of our own');
    const file = join(place.dataDir, 'cluster.conf');
    await writeFile(
      file,
      `listen: "127.0.0.1:${place.port}"
server_name: ${name}
jetstream { store_dir: ${JSON.stringify(place.dataDir)}, sync_interval: always }
cluster { name: quartet, listen: "127.0.0.1:${clusterPort}", routes: ${JSON.stringify(routes)} }
`,
    );
    engines.set(name, await startPlan({ ...plan, args: ['-c', file] }, place));
  };
  // They start one by one, because each looks for the program itself.
  for (const { name } of servers) await start(name);

  return {
    urls: servers.map(({ place }) => `nats://127.0.0.1:${place.port}`),
    async kill(name) {
      const engine = engines.get(name);
      if (engine?.pid === undefined) throw new Error(`${name} is no process of ours`);
      process.kill(engine.pid, 'SIGKILL');
      await engine.stop();
    },
    start,
    async stop() {
      await Promise.all([...engines.values()].map((engine) => engine.stop()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
