import { resolve } from 'node:path';
import { processConfig, processFields } from '@quartet/common/config/config.ts';
import { corsFields, corsOrigins } from '@quartet/common/config/cors.ts';
import { defaultSecrets } from '@quartet/common/config/default-secrets.ts';
import { digits, flag, httpUrls, whole } from '@quartet/common/config/fields.ts';
import { addressSetting, recordOf, type SettingName } from '@quartet/common/service/description.ts';
import { readSettings, secretsOf } from '@quartet/common/service/settings.ts';
import * as z from 'zod';
import { services, type UpstreamName, upstreamNames } from '../../services.ts';

const self = services.gateway;

const localAddress = (name: UpstreamName) => `http://localhost:${services[name].port}`;

const addressFields = Object.fromEntries(
  upstreamNames.map((name) => [addressSetting(name), httpUrls(localAddress(name))]),
) as Record<`${SettingName<UpstreamName>}_URL`, ReturnType<typeof httpUrls>>;

export const schema = z.object({
  ...processFields(self.port),
  ...addressFields,
  UPSTREAM_TIMEOUT_SECONDS: whole(30, 1, 3_600),
  CONNECTIONS_PER_ADDRESS: digits(1, 1_000_000).optional(),
  LIVE_CONNECTIONS_PER_USER: whole(10, 1, 1_000_000),
  LIVE_CONNECTIONS: whole(10_000, 1, 1_000_000),
  ...corsFields,
  DASHBOARD: flag(true),
});

/** What `npm run dashboard:build` makes; the image has it at the same place. */
const DASHBOARD_FOLDER = resolve(import.meta.dirname, '../../../clients/dashboard/dist');

/** The gateway has more connections to a service, so that no caller takes all of them. */
const CONNECTIONS_PER_ADDRESS = 200;
/** On a developer's machine all callers have one address. */
const LOCAL_CONNECTIONS_PER_ADDRESS = 1_000;

export type GatewayConfig = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} when a setting is wrong; it names every mistake */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const read = readSettings(schema, self, env);
  return {
    ...processConfig(read),
    projectName: read.PROJECT_NAME,
    upstreams: recordOf(upstreamNames, (name) => read[addressSetting(name)]),
    upstreamTimeoutMs: read.UPSTREAM_TIMEOUT_SECONDS * 1000,
    connectionsPerAddress:
      read.CONNECTIONS_PER_ADDRESS ??
      (read.ENVIRONMENT === 'local' ? LOCAL_CONNECTIONS_PER_ADDRESS : CONNECTIONS_PER_ADDRESS),
    liveConnectionsPerUser: read.LIVE_CONNECTIONS_PER_USER,
    liveConnections: read.LIVE_CONNECTIONS,
    corsOrigins: corsOrigins(read),
    dashboard: read.DASHBOARD ? DASHBOARD_FOLDER : undefined,
    defaultSecrets: defaultSecrets(read, secretsOf(self)),
  };
}
