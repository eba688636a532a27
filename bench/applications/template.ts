import { access } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { UsageError } from '../../tools/command-line.ts';
import { freePort } from '../../tools/engines/index.ts';
import { createApi, logIn, newMember } from '../api.ts';
import { makeFixtures } from '../routes/fixtures.ts';
import type { RouteName } from '../routes/names.ts';
import { apiRequests } from '../routes/requests.ts';
import { type Application, superuser } from './application.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { runProgram, startProgram } from './program.ts';

/** This is the number of the template's own image. */
const WORKERS = 4;
const PRINT_VERSIONS =
  'import platform, fastapi; print(f"FastAPI {fastapi.__version__} on Python {platform.python_version()}")';

export type Source = { backend: string; programs: string };

/** @throws {UsageError} when the folder is not the template's backend, or has no Python environment */
export async function findTemplate(folder: string): Promise<Source> {
  const backend = resolve(folder);
  const exists = (file: string) =>
    access(file).then(
      () => true,
      () => false,
    );
  for (const file of ['app/main.py', 'alembic.ini']) {
    if (await exists(join(backend, file))) continue;
    throw new UsageError(
      `--template: ${backend} has no ${file}; name the folder backend of a clone of the FastAPI full-stack template`,
    );
  }
  // A workspace of uv has its environment above its members.
  for (const environment of [join(backend, '.venv'), join(backend, '../.venv')]) {
    const programs = join(environment, 'bin');
    if (await exists(join(programs, 'fastapi'))) return { backend, programs };
  }
  throw new UsageError(`--template: ${backend} has no .venv with the program fastapi; run "uv sync" there`);
}

/** Starts the template as its image does: migrations, first data, then `fastapi run` with 4 workers. */
export async function startTemplate(
  { template, postgres: postgresFolder }: { template: string; postgres?: string | undefined },
  routes: readonly RouteName[],
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Application> {
  const source = await findTemplate(template);
  console.error('starting the template ...');
  const postgres = await startPostgres(postgresFolder, resources, signal);
  const port = await freePort();
  const program = (name: string, args: string[]) => ({
    ...{ name: `${name} of the template`, file: join(source.programs, name), args },
    options: { cwd: source.backend, env: environmentOf(source, postgres) },
  });
  const versions = await runProgram(program('python', ['-c', PRINT_VERSIONS]), signal);
  await runProgram(program('python', ['app/backend_pre_start.py']), signal);
  await runProgram(program('alembic', ['upgrade', 'head']), signal);
  await runProgram(program('python', ['app/initial_data.py']), signal);
  const url = `http://127.0.0.1:${port}/api/v1`;
  const address = ['--host', '127.0.0.1', '--port', String(port)];
  const pid = await startProgram(
    program('fastapi', ['run', '--workers', String(WORKERS), ...address, 'app/main.py']),
    () => fetch(`${url}/utils/health-check/`, { signal }).then(({ ok }) => ok),
    resources,
    signal,
  );
  const api = createApi(url, signal);
  const fixtures = await makeFixtures(api, routes);
  let posters = 0;
  return {
    versions: `${versions}, ${postgres.version}`,
    url,
    watched: { template: { tree: pid }, database: { tree: postgres.pid } },
    requests: (route) => apiRequests(route, fixtures),
    async removePosted() {
      // The items of a user go with the user.
      await api('DELETE', `/users/${fixtures.poster.id}`, { token: await logIn(api, superuser) });
      posters += 1;
      fixtures.poster = await newMember(api, `poster-${posters}`);
    },
  };
}

/** The environment counts more than the clone's own file `.env`. */
function environmentOf({ backend, programs }: Source, postgres: Postgres): NodeJS.ProcessEnv {
  return {
    ...{ PATH: `${programs}${delimiter}${process.env.PATH}`, HOME: process.env.HOME, PYTHONPATH: backend },
    ...{
      PROJECT_NAME: 'bench',
      ENVIRONMENT: 'local',
      SECRET_KEY: 'a secret key for a benchmark of templates',
    },
    ...{ FIRST_SUPERUSER: superuser.email, FIRST_SUPERUSER_PASSWORD: superuser.password },
    ...{ POSTGRES_SERVER: '127.0.0.1', POSTGRES_PORT: String(postgres.port), POSTGRES_DB: 'postgres' },
    ...{ POSTGRES_USER: postgres.user, POSTGRES_PASSWORD: 'unused' },
  };
}
