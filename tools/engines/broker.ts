import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineDefinition } from './definition.ts';
import { containerLaunch } from './docker.ts';
import type { Launch, Place } from './types.ts';
import { brokerWheels } from './wheels.ts';

const IMAGE = 'nats:2.12';
const READY = /Server is ready/;

/** NATS with JetStream. */
export const broker: EngineDefinition = {
  role: 'broker',
  configured: {
    variables: 'NATS_URL',
    url: (env) => env.NATS_URL || undefined,
    example: 'export NATS_URL=nats://host:4222',
  },
  path: {
    // An older server takes per-key TTL and the reason of a term() without a word and ignores them.
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
      command: ['-c', '/etc/nats/quartet.conf'],
      file: { target: '/etc/nats/quartet.conf', content: natsConfig('0.0.0.0', 4222, '/data') },
      containerPort: 4222,
      dataDir,
      dataTarget: '/data',
    }),
    launch: async (place) => {
      await mkdir(place.dataDir, { recursive: true });
      return { ...containerLaunch('broker', place), url: natsUrl(place.port), readyLine: READY };
    },
  },
};

async function launchNats({ dataDir, port }: Place): Promise<Launch> {
  await mkdir(dataDir, { recursive: true });
  const config = join(dataDir, 'nats-server.conf');
  await writeFile(config, natsConfig('127.0.0.1', port, dataDir));
  return { args: ['-c', config], url: natsUrl(port), readyLine: READY };
}

function natsUrl(port: number): string {
  return `nats://127.0.0.1:${port}`;
}

function natsConfig(host: string, port: number, storeDir: string): string {
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
