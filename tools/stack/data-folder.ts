import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StackError } from './errors.ts';

const MARKER = '.quartet';

/** Where things are inside the data folder. */
export function dataPaths(folder: string) {
  return {
    database: join(folder, 'database'),
    broker: join(folder, 'broker'),
    mail: join(folder, 'mail'),
    logs: join(folder, 'logs'),
    secretKey: join(folder, 'secret-key'),
    brokerAdmin: join(folder, 'broker-admin'),
    state: join(folder, 'stack.json'),
  };
}

/** Makes the folder and marks it as ours; throws StackError when it already holds something else. */
export async function openDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder);
  if (entries.length > 0 && !entries.includes(MARKER)) {
    throw new StackError(
      `${folder} is not a data folder of Quartet: it holds ${entries.slice(0, 3).join(', ')}`,
    );
  }
  await writeFile(
    join(folder, MARKER),
    'Data of Quartet (npm start). May be removed while it does not run.\n',
  );
  await mkdir(dataPaths(folder).logs, { recursive: true });
}

/** Removes what the stack has written into its folder, and nothing else. Only while no stack runs on it. */
export async function emptyDataFolder(folder: string): Promise<void> {
  const { database, broker, mail, logs, secretKey, brokerAdmin } = dataPaths(folder);
  for (const path of [database, broker, mail, logs, secretKey, brokerAdmin]) {
    await rm(path, { recursive: true, force: true });
  }
  await openDataFolder(folder);
}
