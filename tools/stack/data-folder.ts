import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closeFolder, PRIVATE_FILE, PRIVATE_FOLDER } from '../engines/private-file.ts';
import { StackError } from './errors.ts';

const MARKER = '.quartet';

export function dataPaths(folder: string) {
  return {
    database: join(folder, 'database'),
    broker: join(folder, 'broker'),
    mail: join(folder, 'mail'),
    logs: join(folder, 'logs'),
    secretKey: join(folder, 'secret-key'),
    brokerAdmin: join(folder, 'broker-admin'),
    databaseAdmin: join(folder, 'database-admin'),
    state: join(folder, 'stack.json'),
  };
}

/** Returns whether the folder is closed to other users. @throws {StackError} for a foreign folder */
export async function openDataFolder(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  const entries = await readdir(folder);
  if (entries.length > 0 && !entries.includes(MARKER)) {
    throw new StackError(
      `${folder} is not a data folder of Quartet: it holds ${entries.slice(0, 3).join(', ')}`,
    );
  }
  const isClosed = await closeFolder(folder);
  const words = 'Data of Quartet (npm start). May be removed while it does not run.\n';
  await writeFile(join(folder, MARKER), words, { mode: PRIVATE_FILE });
  await mkdir(dataPaths(folder).logs, { recursive: true, mode: PRIVATE_FOLDER });
  return isClosed;
}

/** Removes only what the stack has written; no stack may run on the folder. */
export async function emptyDataFolder(folder: string): Promise<void> {
  const { state, ...emptied } = dataPaths(folder);
  for (const path of Object.values(emptied)) await rm(path, { recursive: true, force: true });
  await openDataFolder(folder);
}

/** The key is written at the first call, so that tokens survive a restart. */
export async function keptSecretKey(file: string): Promise<string> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') return kept;
  const key = randomBytes(32).toString('base64url');
  await writeFile(file, `${key}\n`, { mode: PRIVATE_FILE });
  return key;
}
