import { processConfig, processFields, readConfig } from '@quartet/common/config/config.ts';
import { refuseContradictions } from '@quartet/common/config/contradictions.ts';
import { defaultSecrets, refuseDefaultSecrets } from '@quartet/common/config/default-secrets.ts';
import { digits, httpOrigins, httpUrl, httpUrls, originOf, whole } from '@quartet/common/config/fields.ts';
import * as z from 'zod';

/** What it reads. */
export const schema = z.object({
  ...processFields(8000),
  AUTH_URL: httpUrls('http://localhost:8001'),
  ITEMS_URL: httpUrls('http://localhost:8002'),
  NOTIFIER_URL: httpUrls('http://localhost:8003'),
  UPSTREAM_TIMEOUT_SECONDS: whole(30, 1, 3_600),
  CONNECTIONS_PER_ADDRESS: digits(1, 1_000_000).optional(),
  FRONTEND_HOST: httpUrl('http://localhost:5173'),
  BACKEND_CORS_ORIGINS: httpOrigins(
    'http://localhost,http://localhost:5173,https://localhost,https://localhost:5173',
  ),
});

/** Fewer than the gateway has to a service, so that no caller takes all of those. */
const CONNECTIONS_PER_ADDRESS = 200;
/** On a developer's machine everybody has one address. */
const LOCAL_CONNECTIONS_PER_ADDRESS = 1_000;

const SECRETS: (keyof z.output<typeof schema> & string)[] = ['NATS_PASSWORD'];

export type GatewayConfig = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} naming every mistake */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const read = readConfig(schema.check(refuseContradictions(), refuseDefaultSecrets(SECRETS)), env);
  return {
    ...processConfig(read),
    projectName: read.PROJECT_NAME,
    upstreams: { auth: read.AUTH_URL, items: read.ITEMS_URL, notifier: read.NOTIFIER_URL },
    upstreamTimeoutMs: read.UPSTREAM_TIMEOUT_SECONDS * 1000,
    connectionsPerAddress:
      read.CONNECTIONS_PER_ADDRESS ??
      (read.ENVIRONMENT === 'local' ? LOCAL_CONNECTIONS_PER_ADDRESS : CONNECTIONS_PER_ADDRESS),
    corsOrigins: [originOf(read.FRONTEND_HOST), ...read.BACKEND_CORS_ORIGINS],
    defaultSecrets: defaultSecrets(read, SECRETS),
  };
}
