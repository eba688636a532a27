import { processConfig, processFields, readConfig, tokenFields } from '@quartet/common/config/config.ts';
import { refuseContradictions } from '@quartet/common/config/contradictions.ts';
import { databaseAddress, databaseFields } from '@quartet/common/config/database.ts';
import { defaultSecrets, refuseDefaultSecrets } from '@quartet/common/config/default-secrets.ts';
import * as z from 'zod';

/** What it reads. */
export const schema = z.object({ ...processFields(8002), ...databaseFields, ...tokenFields });

const SECRETS: (keyof z.output<typeof schema> & string)[] = ['DOCUMENTDB_PASSWORD', 'NATS_PASSWORD'];

export type ItemsConfig = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} naming every mistake */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const read = readConfig(schema.check(refuseContradictions(), refuseDefaultSecrets(SECRETS)), env);
  return {
    ...processConfig(read),
    database: databaseAddress(read),
    authUrls: read.AUTH_URL,
    defaultSecrets: defaultSecrets(read, SECRETS),
  };
}
