import { resolve } from 'node:path';
import { processFields, readConfig } from '@quartet/common/config/config.ts';
import { httpAddress } from '@quartet/common/config/fields.ts';
import * as z from 'zod';

const PORT = 8080;
const {
  PROJECT_NAME,
  ENVIRONMENT,
  LOG_LEVEL,
  HOST,
  PORT: port,
  PRIVATE_PORT,
  PRIVATE_HOSTS,
  REQUEST_TIMEOUT_SECONDS,
} = processFields(PORT);

export const schema = z.object({
  ...{ PROJECT_NAME, ENVIRONMENT, LOG_LEVEL, HOST, PORT: port, PRIVATE_PORT, PRIVATE_HOSTS },
  REQUEST_TIMEOUT_SECONDS,
  API_URL: z.string({ error: 'is needed' }).pipe(httpAddress),
});

export type DashboardConfig = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} when a setting is wrong; it names every mistake */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const read = readConfig(schema, env);
  return {
    projectName: read.PROJECT_NAME,
    apiUrl: read.API_URL,
    logLevel: read.LOG_LEVEL,
    host: read.HOST,
    port: read.PORT,
    privatePort: read.PRIVATE_PORT,
    privateHosts: read.PRIVATE_HOSTS,
    receiveWithinMs: read.REQUEST_TIMEOUT_SECONDS * 1_000,
    folder: resolve(import.meta.dirname, '../../../../../clients/dashboard/dist'),
  };
}
