import { ConfigError } from '@quartet/common/config/config.ts';
import { MongoClient, MongoError } from 'mongodb';
import { UsageError } from './command-line.ts';
import { applyUsers } from './database-users/apply.ts';
import { findHoles } from './database-users/check.ts';
import { collectionsOf, owners, userName } from './database-users/definition.ts';
import { readSettings, usage, wantsHelp } from './database-users/settings.ts';

const ANSWER_WITHIN_MS = 5_000;

async function main(argv: string[]): Promise<number> {
  if (wantsHelp(argv)) {
    console.log(usage);
    return 0;
  }
  const { url, name, passwords } = readSettings(process.env);
  const client = new MongoClient(url, { serverSelectionTimeoutMS: ANSWER_WITHIN_MS });
  try {
    await applyUsers(client, name, passwords);
  } finally {
    await client.close();
  }
  for (const owner of owners) console.log(`${userName(name, owner)}: ${collectionsOf[owner].join(', ')}`);
  const holes = await findHoles(url, name, passwords);
  if (holes.length === 0) return 0;
  console.error(`The database does not keep the services to their own: ${holes.join('; ')}`);
  return 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (err) {
  if (err instanceof UsageError) {
    console.error(`${err.message}\nSee npm run database:users -- --help`);
    process.exitCode = 2;
  } else {
    const isPlain = err instanceof ConfigError || err instanceof MongoError;
    console.error(isPlain ? err.message : err);
    process.exitCode = 1;
  }
}
