import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineDefinition } from './definition.ts';
import { containerLaunch } from './docker.ts';
import { PRIVATE_FOLDER, writePrivately } from './private-file.ts';
import type { Launch, Place } from './types.ts';
import { brokerWheels } from './wheels.ts';

const IMAGE = 'nats:2.12';
const READY = /Server is ready/;
const CONFIG = 'nats-server.conf';
const IN_DOCKER = '/data';

export const broker: EngineDefinition = {
  role: 'broker',
  configured: {
    variables: 'NATS_URL',
    url: (env) => env.NATS_URL || undefined,
    example: 'export NATS_URL=nats://host:4222',
  },
  path: {
    // An older server silently ignores per-key TTL and the reason of a term().
    program: { name: 'nats-server', version: /v(\d+)\.(\d+)/, oldest: [2, 11] },
    launch: launchNats,
    provide:
      'install nats-server 2.11 or newer (from the download page of NATS; Debian 12 packages an older one)',
  },
  embedded: { pkg: brokerWheels, launch: launchNats },
  docker: {
    image: IMAGE,
    readyLine: READY,
    container: (dataDir) => ({
      image: IMAGE,
      command: ['-c', `${IN_DOCKER}/${CONFIG}`],
      containerPort: 4222,
      dataDir,
      dataTarget: IN_DOCKER,
    }),
    launch: async (place) => {
      await writeConfig(place, { host: '0.0.0.0', port: 4222, storeDir: IN_DOCKER });
      return { ...containerLaunch('broker', place), url: natsUrl(place.port), readyLine: READY };
    },
  },
};

async function launchNats(place: Place): Promise<Launch> {
  const { dataDir, port } = place;
  const file = await writeConfig(place, { host: '127.0.0.1', port, storeDir: dataDir });
  return { args: ['-c', file], url: natsUrl(port), readyLine: READY };
}

const natsUrl = (port: number): string => `nats://127.0.0.1:${port}`;

export type BrokerPlace = { host: string; port: number; storeDir: string };

/** The file stays while the server runs: the server reads it again after a restart. */
async function writeConfig({ dataDir, authorization = '' }: Place, server: BrokerPlace): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: PRIVATE_FOLDER });
  const file = join(dataDir, CONFIG);
  await writePrivately(file, natsConfig(server) + authorization);
  return file;
}

export function natsConfig({ host, port, storeDir }: BrokerPlace): string {
  return `host: ${JSON.stringify(host)}
port: ${port}
server_name: "quartet"
jetstream {
  store_dir: ${JSON.stringify(storeDir)}
  # Acknowledged means on disk; the default syncs every two minutes.
  sync_interval: always
  max_memory_store: 64MB
  max_file_store: 10GB
}
`;
}
