import { randomInt } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { requireDocker } from './docker.ts';
import { listenError } from './free-port.ts';
import { databaseUrl, EnginesMissing, resolveBroker, resolveDatabase, resolveEngines } from './index.ts';
import type { EngineOptions, Report } from './types.ts';

/** A test can set the random number. */
vi.mock('node:crypto', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:crypto')>();
  return { ...real, randomInt: vi.fn(real.randomInt) };
});

const dockerAnswers = await requireDocker().then(
  () => true,
  () => false,
);

let folder: string;
const notices: string[] = [];
const report: Report = { progress: () => {}, notice: (line) => void notices.push(line) };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quartet-resolve-'));
  await fakeProgram('new-mongod', 'mongod', 'db version v8.0.4');
  await fakeProgram('old-mongod', 'mongod', 'db version v3.6.8');
  await fakeProgram('new-nats', 'nats-server', 'nats-server: v2.12.1');
  await fakeProgram('old-nats', 'nats-server', 'nats-server: v2.9.10');
  await fakeProgram('broken-nats', 'nats-server', 'Illegal instruction');
});

afterAll(() => rm(folder, { recursive: true }));

async function fakeProgram(place: string, name: string, says: string): Promise<void> {
  await mkdir(join(folder, place), { recursive: true });
  await writeFile(join(folder, place, name), `#!/bin/sh\necho '${says}'\n`);
  await chmod(join(folder, place, name), 0o755);
}

function options(env: NodeJS.ProcessEnv, path: string[] = []): EngineOptions {
  notices.length = 0;
  const PATH = path.map((place) => join(folder, place)).join(delimiter);
  return {
    dataDir: join(folder, 'data'),
    report,
    env: { QUARTET_CACHE: join(folder, 'cache'), ...env, PATH },
  };
}

async function unusedPort(from = randomInt(33_000, 60_000)): Promise<number> {
  return (await listenError(from, '127.0.0.1')) === undefined ? from : unusedPort(from + 1);
}

const drawnPort = vi.mocked(randomInt as (min: number, max: number) => number);

it('gives two engines different ports, even when the random choice is equal', async () => {
  const first = await unusedPort();
  const second = await unusedPort(first + 1);
  for (const port of [first, first, second]) drawnPort.mockReturnValueOnce(port);
  const both = options({ ENGINES: 'path' }, ['new-mongod', 'new-nats']);
  const plans = await resolveEngines(both, both);
  expect(plans).toMatchObject({ database: { port: first }, broker: { port: second } });
});

describe('a configured server', () => {
  it('wins over programs on the PATH', async () => {
    const env = { MONGODB_URL: 'mongodb://db/', NATS_URL: 'nats://broker' };
    const plans = await resolveEngines(options(env, ['new-mongod']), options(env, ['new-nats']));
    expect(plans.database).toMatchObject({ kind: 'server', source: 'configured', url: 'mongodb://db/' });
    expect(plans.broker).toMatchObject({ kind: 'server', source: 'configured', url: 'nats://broker' });
  });

  it('is not used when another source is forced', async () => {
    const env = { MONGODB_URL: 'mongodb://db/', ENGINES: 'path' };
    expect(await resolveDatabase(options(env, ['new-mongod']))).toMatchObject({ source: 'path' });
  });

  it.each([
    [{}, undefined],
    [{ MONGODB_URL: 'mongodb://one/', DOCUMENTDB_HOST: 'two' }, 'mongodb://one/'],
    [{ DOCUMENTDB_HOST: 'db' }, 'mongodb://db:27017/?retryWrites=false&journal=true'],
    [{ DOCUMENTDB_HOST: '::1', DOCUMENTDB_PORT: '1' }, 'mongodb://[::1]:1/?retryWrites=false&journal=true'],
    [
      { DOCUMENTDB_HOST: 'db', DOCUMENTDB_USER: 'a@b', DOCUMENTDB_PASSWORD: 'p:/?#' },
      'mongodb://a%40b:p%3A%2F%3F%23@db:27017/?retryWrites=false&journal=true&authSource=admin',
    ],
    [
      { DOCUMENTDB_HOST: 'db', DOCUMENTDB_USER: 'u', DOCUMENTDB_AUTH_SOURCE: 'x&y' },
      'mongodb://u:@db:27017/?retryWrites=false&journal=true&authSource=x%26y',
    ],
  ])('has the address that %j sets', (env, url) => {
    expect(databaseUrl(env)).toBe(url);
  });
});

describe.skipIf(process.platform === 'win32')('a program on the PATH', () => {
  it('is started on 127.0.0.1 with its data in the given folder', async () => {
    const plan = await resolveDatabase({ ...options({}, ['new-mongod']), port: 4711 });
    const dbpath = join(folder, 'data', 'mongod');
    expect(plan).toMatchObject({
      kind: 'process',
      source: 'path',
      describe: 'mongod 8.0 on the PATH',
      file: join(folder, 'new-mongod', 'mongod'),
      args: ['--dbpath', dbpath, '--port', '4711', '--bind_ip', '127.0.0.1'],
      url: 'mongodb://127.0.0.1:4711/?directConnection=true&retryWrites=false&journal=true',
    });
  });

  it('is skipped with a message when it is too old, and the next one on the PATH is used', async () => {
    const plan = await resolveBroker(options({}, ['old-nats', 'broken-nats', 'new-nats']));
    expect(plan).toMatchObject({ source: 'path', describe: 'nats-server 2.12 on the PATH' });
    expect(notices).toEqual([
      `${join(folder, 'old-nats', 'nats-server')} is passed over: it is version 2.9, older than 2.11`,
      `${join(folder, 'broken-nats', 'nats-server')} is passed over: it does not tell its version`,
    ]);
  });

  it('warns when it starts empty beside the data of another engine', async () => {
    const dataDir = join(folder, 'data-of-another');
    await mkdir(join(dataDir, 'secantusdb'), { recursive: true });
    await resolveDatabase({ ...options({}, ['new-mongod']), dataDir });
    expect(notices).toEqual([
      'mongod 8.0 on the PATH starts empty: the data so far is that of secantusdb (see ENGINES)',
    ]);
  });
});

describe('when an engine cannot be had', () => {
  it('refuses an unknown source', async () => {
    await expect(resolveDatabase(options({ ENGINES: 'cloud' }))).rejects.toThrow(
      'ENGINES is "cloud", but must be auto, path, embedded or docker',
    );
    await expect(resolveDatabase(options({ ENGINES: 'configured' }))).rejects.toThrow('must be auto');
  });

  it('given an aborted signal, then there is no search', async () => {
    const signal = AbortSignal.abort();
    await expect(resolveDatabase({ ...options({}), signal })).rejects.toThrow('aborted');
  });

  it.skipIf(dockerAnswers)(
    'names in one error what was tried, in which order, and what would provide it',
    async () => {
      const err = await resolveEngines(options({}, ['old-mongod']), options({}, ['old-nats'])).catch(
        (err) => err,
      );
      expect(err).toBeInstanceOf(EnginesMissing);
      const lines = String(err.message).split('\n');
      const startsOf = [
        'There is no database. Looked for, in this order:',
        '  1. a server named by MONGODB_URL or DOCUMENTDB_HOST: not set',
        '  2. mongod 4.4 or newer on the PATH: ',
        '  3. the embedded SecantusDB 0.6.0b17, fetched once with pip: python3 -m pip: not found; pip3: not found',
        '  4. mongo:8.0 in Docker: ',
        'Any one of these provides it:',
        '  - export MONGODB_URL=',
        '  - install MongoDB Community Server',
        '  - apt-get install python3-pip',
        '  - systemctl start docker',
        '',
        'There is no broker. Looked for, in this order:',
        '  1. a server named by NATS_URL: not set',
        '  2. nats-server 2.11 or newer on the PATH: ',
      ];
      expect(startsOf.map((start, at) => lines[at]?.slice(0, start.length))).toEqual(startsOf);
      expect(lines).toContain('  - export NATS_URL=nats://host:4222');
    },
  );

  it('names only the missing engine and the requested source', async () => {
    const env = { ENGINES: 'path' };
    const err = await resolveEngines(options(env, ['new-mongod']), options(env)).catch((err) => err);
    expect(err.message).not.toContain('database');
    expect(err.message).toMatch(
      /^There is no broker.*\n {2}1\. nats-server 2\.11 or newer on the PATH: not found\n/,
    );
  });
});

describe.runIf(process.env.ENGINES === 'docker')('Docker', () => {
  it('is used when it is forced', async () => {
    const env = { ...process.env, ENGINES: 'docker', MONGODB_URL: 'mongodb://db/' };
    expect(await resolveDatabase({ ...options({}), env })).toMatchObject({
      kind: 'process',
      source: 'docker',
      describe: 'mongo:8.0 in Docker',
    });
  });
});
