import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '@quartet/common/config/config.ts';
import { databaseAddress, databaseFields } from '@quartet/common/config/database.ts';
import * as z from 'zod';
import type { EngineDefinition } from './definition.ts';
import { containerLaunch } from './docker.ts';
import { PRIVATE_FOLDER, writePrivately } from './private-file.ts';
import type { Launch, Place } from './types.ts';
import { databaseWheels } from './wheels.ts';

const IMAGE = 'mongo:8.0';
const IN_DOCKER = 'mongo-8.0';
const MONGOD_READY = /Waiting for connections/;

export const database: EngineDefinition = {
  role: 'database',
  configured: {
    variables: 'MONGODB_URL or DOCUMENTDB_HOST',
    url: databaseUrl,
    example: 'export MONGODB_URL=mongodb://user:password@host:27017/',
  },
  path: {
    // The driver supports no older server.
    program: { name: 'mongod', version: /db version v(\d+)\.(\d+)/, oldest: [4, 4] },
    launch: launchMongod,
    provide: 'install MongoDB Community Server (the package mongodb-org, from the download page of MongoDB)',
  },
  embedded: { pkg: databaseWheels, launch: launchSecantus },
  docker: {
    image: IMAGE,
    readyLine: MONGOD_READY,
    container: (dataDir) => ({
      image: IMAGE,
      command: ['mongod', '--bind_ip_all'],
      containerPort: 27017,
      dataDir: join(dataDir, IN_DOCKER),
      dataTarget: '/data/db',
    }),
    launch: async (place) => {
      await ownFolder(place.dataDir, IN_DOCKER);
      return { ...containerLaunch('database', place), url: mongodUrl(place.port), readyLine: MONGOD_READY };
    },
  },
};

/** Returns undefined when neither MONGODB_URL nor DOCUMENTDB_HOST is set. */
export function databaseUrl(env: NodeJS.ProcessEnv): string | undefined {
  if (!env.MONGODB_URL && !env.DOCUMENTDB_HOST) return undefined;
  return databaseAddress(readConfig(z.object(databaseFields), env)).url;
}

async function launchMongod({ dataDir, port }: Place): Promise<Launch> {
  const folder = await ownFolder(dataDir, 'mongod');
  return {
    args: ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1'],
    url: mongodUrl(port),
    readyLine: MONGOD_READY,
  };
}

async function launchSecantus({ dataDir, port }: Place): Promise<Launch> {
  const folder = await ownFolder(dataDir, 'secantusdb');
  // With a named file, even an empty one, the server reads no secantusd.toml of its working folder.
  const config = join(dataDir, 'secantusd.toml');
  await writePrivately(config, '');
  const args = ['--host', '127.0.0.1', '--port', String(port), '--storage-path', folder, '--config', config];
  // With log files of 2 GB, the default, a start after a crash takes up to 19 s instead of 0.4 s.
  args.push('--sync-on-commit', '--log-file-max', '128MB', '--cache-size', '256M', '--standalone');
  const login = { args: ['--auth'], passwordFile: join(folder, 'quartet-password') };
  return { args, url: standaloneUrl(port), readyLine: /listening on 127\.0\.0\.1:\d+/, login };
}

function standaloneUrl(port: number): string {
  return `mongodb://127.0.0.1:${port}/?directConnection=true&retryWrites=false`;
}

/** mongod acknowledges a write before the journal is on disk, unless the client asks for `journal=true`. */
const mongodUrl = (port: number): string => `${standaloneUrl(port)}&journal=true`;

async function ownFolder(dataDir: string, engine: string): Promise<string> {
  const folder = join(dataDir, engine);
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  return folder;
}

export async function enginesWithData(dataDir: string): Promise<string[]> {
  const entries = await readdir(dataDir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
