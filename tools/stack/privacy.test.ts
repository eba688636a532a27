import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { createTransport } from 'nodemailer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { prepare, run } from '../../tests/support/launcher.ts';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import { startDatabase } from '../engines/index.ts';
import { closeFolder } from '../engines/private-file.ts';

/** Returns the files and folders that other users can read, write or enter. */
async function openToOthers(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((one) => !one.isSymbolicLink()).map((one) => join(one.parentPath, one.name));
  const modes = await Promise.all([folder, ...paths].map(async (path) => ({ path, ...(await stat(path)) })));
  return modes.filter(({ mode }) => (mode & 0o077) !== 0).map(({ path }) => path);
}

async function connect(url: string): Promise<MongoClient> {
  const client = await new MongoClient(url, { serverSelectionTimeoutMS: 10_000 }).connect();
  onTestFinished(() => client.close());
  return client;
}

const MARKER = 'Data of Quartet (npm start). May be removed while it does not run.\n';

describe.skipIf(process.platform === 'win32')("a stack's data", { timeout: 60_000 }, () => {
  it('can be read only by its owner, also what its children write', async () => {
    const { port, programs, data } = await prepare();
    const { until } = run(['--data', data, '--port', String(port)], programs);
    await until('ready');
    const transport = createTransport({ host: '127.0.0.1', port: 1025 + port - 8000 });
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'Hello' });
    expect(await readdir(join(data, 'mail'))).toHaveLength(1);
    expect(await readdir(data)).toEqual(expect.arrayContaining(['database', 'broker', 'logs', 'stack.json']));
    expect(await openToOthers(data)).toEqual([]);
  });

  it('are closed when an earlier release left them open, but targets of links are unchanged', async () => {
    const { root, port, programs, data } = await prepare();
    const elsewhere = join(root, 'elsewhere');
    await writeFile(elsewhere, '');
    await chmod(elsewhere, 0o644);
    await mkdir(join(data, 'logs'), { recursive: true });
    await mkdir(join(data, 'mail', 'deep'), { recursive: true });
    await writeFile(join(data, '.quartet'), MARKER);
    for (const file of ['logs/auth.log.1', 'mail/deep/old.eml', 'secret-key']) {
      await writeFile(join(data, file), 'x');
      await chmod(join(data, file), 0o644);
    }
    await symlink(elsewhere, join(data, 'logs', 'link'));
    for (const folder of ['.', 'logs', 'mail', 'mail/deep']) await chmod(join(data, folder), 0o755);
    const { until } = run(['--data', data, '--port', String(port)], programs);
    await until('ready');
    expect(await openToOthers(data)).toEqual([]);
    expect((await stat(elsewhere)).mode & 0o777).toBe(0o644);
  });
});

describe("a stack's own database", { timeout: 60_000 }, () => {
  /** Returns what a client without a password sees. */
  async function withoutLogin(url: string): Promise<unknown> {
    const client = await connect(url);
    return client
      .db('app')
      .listCollections()
      .toArray()
      .catch((err: unknown) => err);
  }

  it('requires a password from the data folder, and keeps the data of a release without one', async () => {
    const { port, programs, data } = await prepare();
    await mkdir(data);
    await writeFile(join(data, '.quartet'), MARKER);
    const before = await startDatabase({
      dataDir: join(data, 'database'),
      env: { ...process.env, ENGINES: 'embedded' },
    });
    const open = await connect(before.url);
    await open.db('app').collection<{ _id: number }>('users').insertOne({ _id: 1 });
    await open.db('admin').command({ createUser: 'stranger', pwd: 'secret', roles: ['root'] });
    await before.stop();

    const { until, said, stdout } = run(['--data', data, '--port', String(port)], programs);
    await until('ready');
    const url: string = said('ready')[0].database;
    expect(await withoutLogin(url)).toMatchObject({ code: 13 });
    expect(await connect(url.replace('://', '://stranger:secret@')).catch((err) => err)).toMatchObject({
      message: expect.stringContaining('authentication'),
    });
    const admin = (await readFile(join(data, 'database-admin'), 'utf8')).trim();
    const client = await connect(admin);
    expect(await client.db('app').collection('users').find().toArray()).toEqual([{ _id: 1 }]);
    expect(stdout.text).not.toContain(new URL(admin).password);
  });

  it('has the same password after a restart, and a new one with new data', async () => {
    const { port, programs, data } = await prepare();
    const login = async (...more: string[]) => {
      const { until, signals, code, said } = run(['--data', data, '--port', String(port), ...more], programs);
      await until('ready');
      expect(await withoutLogin(said('ready')[0].database)).toMatchObject({ code: 13 });
      const admin = (await readFile(join(data, 'database-admin'), 'utf8')).trim();
      await (await connect(admin)).db('app').collection('notes').insertOne({});
      signals.emit('SIGTERM', 'SIGTERM');
      await code;
      return new URL(admin).password;
    };
    const first = await login();
    expect(await login()).toBe(first);
    expect(await login('--fresh')).not.toBe(first);
  });
});

it.runIf(process.platform === 'linux')(
  'given a folder whose modes cannot be changed, then a line says so',
  async () => {
    expect(await closeFolder('/proc/self/ns')).toBe(false);
    expect(await closeFolder(await tempFolder())).toBe(true);
  },
);

it('given a folder, then openToOthers finds what is open in it', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'open'), '');
  await chmod(join(folder, 'open'), 0o604);
  expect(await openToOthers(folder)).toEqual([join(folder, 'open')]);
});
