import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { startStack } from '../tests/system/stack.ts';
import { databaseUrl } from '../tools/engines/index.ts';
import { planPorts } from '../tools/stack/ports.ts';
import { type Account, type Api, createApi } from './api.ts';
import { type Pids, stackPids } from './observing/processes.ts';

export type LaunchedStack = {
  dataDir: string;
  pids: Pids;
  api: Api;
  urls: Record<'gateway' | 'auth' | 'items', string>;
  health: Record<'gateway' | 'auth', string>;
  database: { url: string; name: string; db: Db };
  broker: { url: string; namespace: string };
  superuser: Account;
};

const superuser = { email: 'admin@example.com', password: 'changethis' };

/** The environment changes none of these defaults; the limits are higher than the load reaches. */
const settings = {
  ...{ ENVIRONMENT: 'local', LOG_LEVEL: 'info', HOST: '127.0.0.1', RATE_LIMITS: 'on' },
  ...{ FIRST_SUPERUSER: superuser.email, FIRST_SUPERUSER_PASSWORD: superuser.password },
  LIMIT_SIGNUPS_PER_ADDRESS: '1000000/minute',
  LIMIT_RECOVERIES_PER_ADDRESS: '1000000/minute',
};

/** The engines are the stack's own unless the environment names others; `profile` is a folder. */
export async function launchStack(
  { env, profile }: { env: Record<string, string>; profile?: string | undefined },
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<LaunchedStack> {
  const profiling: Record<string, string> =
    profile === undefined ? {} : await profilingInto(resolve(profile));
  const stack = await startStack([], { ...settings, ...profiling, ...env }, signal);
  resources.defer(async () => void (await stack.stop()));
  // Nobody reads these lines, and parsing them would take CPU time from the measurement.
  stack.launcher.stdout?.removeAllListeners().resume();
  const url = stack.database ?? databaseUrl(process.env);
  const broker = stack.broker ?? process.env.NATS_URL;
  if (url === undefined || broker === undefined) throw new Error('the stack has no database or no broker');
  const client = await new MongoClient(url).connect();
  resources.defer(() => client.close());
  const ports = planPorts(Number(new URL(stack.api).port), 1);
  const at = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const urls = {
    gateway: `${at(ports.gateway.port)}/api/v1`,
    auth: `${at(ports.auth.port)}/api/v1`,
    items: `${at(ports.items[0]?.port)}/api/v1`,
  };
  return {
    dataDir: stack.dataDir,
    pids: await stackPids(stack.dataDir),
    api: createApi(urls.gateway, signal),
    urls,
    health: {
      gateway: `${at(ports.gateway.privatePort)}/health/ready`,
      auth: `${at(ports.auth.privatePort)}/health/ready`,
    },
    database: { url, name: stack.id, db: client.db(stack.id) },
    broker: { url: broker, namespace: stack.id },
    superuser,
  };
}

async function profilingInto(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  return { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --cpu-prof --cpu-prof-dir=${folder}`.trim() };
}

/** Stacks of this process then start their own engines, whatever the environment says. */
export function leaveConfiguredServers(): void {
  for (const name of ['MONGODB_URL', 'DOCUMENTDB_HOST', 'NATS_URL']) delete process.env[name];
  for (const name of ['AUTH', 'ITEMS', 'NOTIFIER', 'GATEWAY']) {
    delete process.env[`MONGODB_URL_${name}`];
    delete process.env[`NATS_URL_${name}`];
  }
}
