import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../../tools/command-line.ts';
import { freePort } from '../../tools/engines/index.ts';
import { createApi } from '../api.ts';
import type { RouteName } from '../routes/names.ts';
import { type Application, superuser } from './application.ts';
import { fillPocketbase } from './pocketbase-data.ts';
import { runProgram, startProgram } from './program.ts';

/** @throws {UsageError} when there is no such program */
export async function findPocketbase(program: string): Promise<string> {
  const file = resolve(program);
  await access(file, constants.X_OK).catch(() => {
    throw new UsageError(`--pocketbase: ${file} is not a program`);
  });
  return file;
}

export async function startPocketbase(
  program: string,
  routes: readonly RouteName[],
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Application> {
  const file = await findPocketbase(program);
  console.error('starting PocketBase ...');
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-bench-pocketbase-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  // It writes migrations beside its folder, and the next one would run them.
  const inFolder = ['--dir', join(dataDir, 'data')];
  const run = (args: string[]) => ({
    ...{ name: 'PocketBase', file, args },
    options: { cwd: dataDir, env: process.env },
  });
  const versions = (await runProgram(run(['--version']), signal)).replace('pocketbase version', 'PocketBase');
  await runProgram(run(['superuser', 'upsert', superuser.email, superuser.password, ...inFolder]), signal);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/api`;
  const pid = await startProgram(
    run(['serve', '--http', `127.0.0.1:${port}`, ...inFolder]),
    () => fetch(`${url}/health`, { signal }).then(({ ok }) => ok),
    resources,
    signal,
  );
  return {
    versions,
    url,
    watched: { pocketbase: pid },
    ...(await fillPocketbase(createApi(url, signal), routes)),
  };
}
