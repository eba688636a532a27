import { ConfigError, readConfig } from '@quartet/common/config/config.ts';
import { databaseAddress, databaseFields } from '@quartet/common/config/database.ts';
import { MongoClient, MongoError } from 'mongodb';
import * as z from 'zod';
import { dump } from './database-copy/dump.ts';
import { NotEmpty, restore } from './database-copy/restore.ts';

const ANSWER_WITHIN_MS = 5_000;
const actions: Record<string, typeof dump> = { dump, restore };

const usage = `Usage: npm run database:copy -- dump FOLDER
       npm run database:copy -- restore FOLDER

Writes the database that MONGODB_URL or DOCUMENTDB_* name into a new folder, or such a folder into an empty database. For
small installations, and to try a restore; docs/operations/backups.md says what else must be kept, and in which order it comes back.`;

async function main([what = '', folder, ...more]: string[]): Promise<number> {
  if (what === '--help') {
    console.log(usage);
    return 0;
  }
  const action = actions[what];
  if (!action || folder === undefined || more.length > 0) {
    console.error(usage);
    return 2;
  }
  const { url, name } = databaseAddress(readConfig(z.object(databaseFields), process.env));
  const client = new MongoClient(url, { serverSelectionTimeoutMS: ANSWER_WITHIN_MS });
  try {
    const counts = await action(client.db(name), folder);
    for (const [collection, count] of Object.entries(counts)) console.log(`${collection}: ${count}`);
  } finally {
    await client.close();
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (err) {
  const isPlain = err instanceof ConfigError || err instanceof MongoError || err instanceof NotEmpty;
  console.error(isPlain || (err instanceof Error && 'code' in err) ? err.message : err);
  process.exitCode = 1;
}
