import { constants } from 'node:fs';
import { access, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { UsageError } from '../../tools/command-line.ts';
import { freePort } from '../../tools/engines/index.ts';
import { canConnect } from './can-connect.ts';
import { runProgram, startProgram } from './program.ts';

export type Postgres = { pid: number; port: number; user: string; version: string };

const USER = 'postgres';
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Returns the folder of PostgreSQL's programs: the given one, or one of PATH. @throws {UsageError} */
export const findPostgres = (folder: string | undefined): Promise<string> =>
  folderWith(['initdb', 'postgres'], folder);

/** Starts a server of the bench's own with PostgreSQL's defaults. */
export async function startPostgres(
  folder: string | undefined,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Postgres> {
  const bin = await findPostgres(folder);
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-bench-postgres-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  const owner = process.getuid?.() === 0 ? await unprivileged() : undefined;
  if (owner) await chown(dataDir, owner.uid, owner.gid);
  const options = { ...owner, cwd: dataDir, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  const program = (name: string, args: string[]) => ({ name, file: join(bin, name), args, options });
  await runProgram(program('initdb', ['-D', dataDir, '-U', USER, '-A', 'trust', '-E', 'UTF8']), signal);
  const version = (await runProgram(program('postgres', ['--version']), signal)).replace(
    /^postgres \((.*?)\) (\S+).*/,
    '$1 $2',
  );
  const port = await freePort();
  const args = ['-D', dataDir, '-h', '127.0.0.1', '-p', String(port), '-k', dataDir];
  const pid = await startProgram(program('postgres', args), () => canConnect(port), resources, signal);
  return { pid, port, user: USER, version };
}

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<{ uid: number; gid: number }> {
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? [];
  return uid === undefined ? NOBODY : { uid: Number(uid), gid: Number(gid) };
}

async function folderWith(names: string[], given: string | undefined): Promise<string> {
  const folders = given === undefined ? (process.env.PATH ?? '').split(delimiter) : [given];
  for (const folder of folders.filter((one) => one !== '')) {
    const found = await Promise.allSettled(names.map((name) => access(join(folder, name), constants.X_OK)));
    if (found.every(({ status }) => status === 'fulfilled')) return folder;
  }
  const where = given === undefined ? 'PATH; name their folder with --postgres' : given;
  throw new UsageError(`the template needs PostgreSQL, and ${names.join(' and ')} are not in ${where}`);
}
