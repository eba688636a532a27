import { defaultSecrets, refuseDefaultSecrets } from '@quartet/common/config/default-secrets.ts';
import {
  databaseAddress,
  databaseFields,
  processConfig,
  processFields,
  readConfig,
  tokenFields,
} from '@quartet/common/config.ts';
import * as z from 'zod';

const schema = z.object({ ...processFields(8002), ...databaseFields, ...tokenFields });

const SECRETS: (keyof z.output<typeof schema> & string)[] = ['DOCUMENTDB_PASSWORD', 'NATS_PASSWORD'];

export type ItemsConfig = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} naming every mistake */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const read = readConfig(schema.check(refuseDefaultSecrets(SECRETS)), env);
  return {
    ...processConfig(read),
    database: databaseAddress(read),
    authUrls: read.AUTH_URL,
    defaultSecrets: defaultSecrets(read, SECRETS),
  };
}
