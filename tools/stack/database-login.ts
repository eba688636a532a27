import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type EnginePlan, type ProcessPlan, startPlan } from '../engines/index.ts';
import { writePrivately } from '../engines/private-file.ts';
import { dataPaths } from './data-folder.ts';

const USER = 'quartet';

export type DatabaseLogin = { plan: EnginePlan; url: string; isRequired: boolean };

type Surroundings = { env: NodeJS.ProcessEnv; signal: AbortSignal };

/** MongoDB allows a first user only while it asks for no login, so new data get the user first. */
export async function requireLogin(plan: EnginePlan, surroundings: Surroundings): Promise<DatabaseLogin> {
  if (plan.kind !== 'process' || plan.login === undefined) return { plan, url: plan.url, isRequired: false };
  const { args, passwordFile } = plan.login;
  const kept = (await readFile(passwordFile, 'utf8').catch(() => '')).trim();
  const password = kept === '' ? await giveLogin(plan, passwordFile, surroundings) : kept;
  const url = new URL(plan.url);
  url.username = USER;
  url.password = password;
  url.searchParams.set('authSource', 'admin');
  return { plan: { ...plan, args: [...plan.args, ...args] }, url: url.href, isRequired: true };
}

async function giveLogin(plan: ProcessPlan, file: string, surroundings: Surroundings): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const engine = await startPlan(plan, { ...surroundings, dataDir: '' });
  // It loads late: most starts have a password already.
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(engine.url);
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    // A user created while the data were open must lose its login; a killed start has left ours.
    for (const name of new Set(['admin', ...databases.map((one) => one.name)])) {
      await client.db(name).command({ dropAllUsersFromDatabase: 1 });
    }
    await client.db('admin').command({ createUser: USER, pwd: password, roles: ['root'] });
  } finally {
    await client.close();
    await engine.stop();
  }
  await writePrivately(file, `${password}\n`);
  return password;
}

/** Only the owner can read this file: its address has all permissions at our database. */
export async function writeDatabaseAdmin(dataDir: string, url: string): Promise<void> {
  await writePrivately(dataPaths(dataDir).databaseAdmin, `${url}\n`);
}
