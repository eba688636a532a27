import { processConfig, processFields } from '@quartet/common/config/config.ts';
import { corsFields, corsOrigins } from '@quartet/common/config/cors.ts';
import { databaseAddress, databaseFields } from '@quartet/common/config/database.ts';
import { defaultSecrets } from '@quartet/common/config/default-secrets.ts';
import { verificationFields } from '@quartet/common/config/email-verification.ts';
import { line, whole } from '@quartet/common/config/fields.ts';
import { refuseWeakSecrets, weakSecrets } from '@quartet/common/config/weak-secrets.ts';
import { email } from '@quartet/common/http/input/email-address.ts';
import { password } from '@quartet/common/http/input/fields.ts';
import { readSettings, secretsOf } from '@quartet/common/service/settings.ts';
import * as z from 'zod';
import { services } from '../../services.ts';
import { limitFields, limitRules } from './limits/limit-settings.ts';

const DAY_MS = 86_400_000;
const MINUTES_OF_8_DAYS = 8 * 24 * 60;

const self = services.auth;

export const schema = z.object({
  ...processFields(self.port),
  ...databaseFields,
  ...limitFields,
  ...corsFields,
  ...verificationFields,
  SECRET_KEY: line('is needed: a long random text'),
  SECRET_KEY_PREVIOUS: line().optional(),
  SECRET_KEY_ROLLOUT_MINUTES: whole(10, 0, 1_440),
  FIRST_SUPERUSER: email().default('admin@example.com'),
  FIRST_SUPERUSER_PASSWORD: line().pipe(password()).default('changethis'),
  ACCESS_TOKEN_EXPIRE_MINUTES: whole(MINUTES_OF_8_DAYS, 1, 525_600),
  ACCESS_TOKEN_SHORT_MINUTES: whole(15, 1, 525_600),
  REFRESH_TOKEN_EXPIRE_DAYS: whole(30, 1, 3_650),
  SESSION_MAX_DAYS: whole(180, 1, 3_650),
  EMAIL_RESET_TOKEN_EXPIRE_HOURS: whole(48, 1, 8_760),
  PASSWORD_HASH_ROUNDS: whole(12, 4, 16),
  NATS_REPLICAS: z.enum(['1', '3', '5'], { error: 'must be 1, 3 or 5' }).transform(Number).optional(),
});

type Env = z.output<typeof schema>;

/** Anybody who guesses one of these can sign tokens. */
const KEYS: (keyof Env & string)[] = ['SECRET_KEY', 'SECRET_KEY_PREVIOUS'];

export type AuthConfig = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} when a setting is wrong; it names every mistake */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const read = readSettings(schema, self, env, { checks: [refuseWeakSecrets(KEYS)] });
  return {
    ...processConfig(read),
    database: databaseAddress(read),
    /** The first key signs; all of them verify. */
    secretKeys: [read.SECRET_KEY, read.SECRET_KEY_PREVIOUS].filter((key) => key !== undefined),
    /** The previous key still signs for this time, until every process knows the first. */
    keyRolloutMs: read.SECRET_KEY_ROLLOUT_MINUTES * 60_000,
    firstSuperuser: { email: read.FIRST_SUPERUSER, password: read.FIRST_SUPERUSER_PASSWORD },
    /** No access token lives longer. */
    accessTokenSeconds: Math.max(read.ACCESS_TOKEN_EXPIRE_MINUTES, read.ACCESS_TOKEN_SHORT_MINUTES) * 60,
    sessionLife: {
      tokenSeconds: read.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
      /** Of a session that has a refresh token. */
      shortTokenSeconds: read.ACCESS_TOKEN_SHORT_MINUTES * 60,
      sinceUseMs: read.REFRESH_TOKEN_EXPIRE_DAYS * DAY_MS,
      sinceLoginMs: read.SESSION_MAX_DAYS * DAY_MS,
    },
    corsOrigins: corsOrigins(read),
    verification: {
      isOn: read.EMAIL_VERIFICATION !== 'off',
      isRequired: read.EMAIL_VERIFICATION === 'required',
      linkSeconds: read.EMAIL_RESET_TOKEN_EXPIRE_HOURS * 3_600,
    },
    /** Undefined leaves the number of replicas to the broker. */
    brokerReplicas: read.NATS_REPLICAS,
    hashRounds: read.PASSWORD_HASH_ROUNDS,
    limits: limitRules(read),
    privateRoutes: read.ENVIRONMENT === 'local',
    defaultSecrets: defaultSecrets(read, secretsOf(self)),
    weakSecrets: weakSecrets(read, KEYS),
  };
}
