import * as z from 'zod';
import { brokerAddress, environments, httpUrls, port, trustedProxies, whole } from './config/fields.ts';
import { telemetryFields, telemetrySettings } from './telemetry/settings.ts';

/** The configuration is wrong; `message` names every mistake, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const DAY_SECONDS = 86_400;
const DEPLOYED_DRAIN_SECONDS = 5;

/** What every process reads: where it listens, whom it believes, how it logs, where the broker is. */
export const processFields = (publicPort: number) => ({
  PROJECT_NAME: z.string().default('Quartet'),
  ENVIRONMENT: environments.default('local'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  HOST: z.string().default('0.0.0.0'),
  PORT: port(publicPort),
  PRIVATE_PORT: port(publicPort + 1000),
  TRUSTED_PROXIES: trustedProxies,
  DRAIN_SECONDS: z.coerce.number({ error: 'must be a number' }).int().min(0).max(8).optional(),
  NATS_URL: brokerAddress,
  NATS_USER: z.string().optional(),
  NATS_PASSWORD: z.string().optional(),
  NATS_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, - or _')
    .optional(),
  EVENT_RETRY_ATTEMPTS: whole(12, 1, 1_000),
  EVENT_RETRY_FIRST_SECONDS: whole(1, 1, DAY_SECONDS),
  EVENT_RETRY_LONGEST_SECONDS: whole(3_600, 1, DAY_SECONDS),
  ...telemetryFields,
});

/** Where the database is: one MONGODB_URL, or the DOCUMENTDB_* parts. */
export const databaseFields = {
  MONGODB_URL: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://')
    .optional(),
  DOCUMENTDB_HOST: z.string().default('localhost'),
  DOCUMENTDB_PORT: port(27_017),
  DOCUMENTDB_USER: z.string().optional(),
  DOCUMENTDB_PASSWORD: z.string().optional(),
  DOCUMENTDB_DB: z.string().optional(),
  DOCUMENTDB_AUTH_SOURCE: z.string().default('admin'),
};

/** Where auth publishes the keys that tokens are checked with. */
export const tokenFields = { AUTH_URL: httpUrls('http://localhost:8001') };

type ProcessEnv = z.output<z.ZodObject<ReturnType<typeof processFields>>>;
type DatabaseEnv = z.output<z.ZodObject<typeof databaseFields>>;

/** The connection string and database name that {@link databaseFields} amount to. */
export function databaseAddress(env: DatabaseEnv): { url: string; name: string } {
  const url = env.MONGODB_URL ?? urlOfParts(env);
  const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  return { url, name: env.DOCUMENTDB_DB ?? (named ? decodeURIComponent(named) : 'app') };
}

/** What {@link processFields} amount to. */
export function processConfig(env: ProcessEnv) {
  return {
    logLevel: env.LOG_LEVEL,
    host: env.HOST,
    port: env.PORT,
    privatePort: env.PRIVATE_PORT,
    /** Whose word about a caller's address is believed. */
    trustsProxy: env.TRUSTED_PROXIES,
    /** For how long it goes on after SIGTERM, so that whoever sends requests has noticed. Nobody waits for Ctrl-C. */
    drainMs: 1_000 * (env.DRAIN_SECONDS ?? (env.ENVIRONMENT === 'local' ? 0 : DEPLOYED_DRAIN_SECONDS)),
    /** Where the broker is, who we are there, and the prefix of everything that is kept there. */
    broker: {
      servers: env.NATS_URL.servers,
      user: env.NATS_USER ?? env.NATS_URL.user,
      password: env.NATS_PASSWORD ?? env.NATS_URL.password,
      namespace: env.NATS_NAMESPACE,
    },
    /** What is told of the process beside logs and metrics. */
    telemetry: telemetrySettings(env),
    /** How often a consumer tries an event, and how long its pauses grow. */
    retry: {
      attempts: env.EVENT_RETRY_ATTEMPTS,
      firstDelayMs: env.EVENT_RETRY_FIRST_SECONDS * 1_000,
      longestDelayMs: env.EVENT_RETRY_LONGEST_SECONDS * 1_000,
    },
  };
}

/**
 * Parses `env` by `schema`; an empty value counts as unset.
 * @throws {ConfigError} naming every variable at fault, never a value.
 */
export function readConfig<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv): z.output<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path, message }) => `  ${String(path[0])}: ${message}`);
  throw new ConfigError(`The configuration is wrong:\n${mistakes.join('\n')}`);
}

function urlOfParts(env: DatabaseEnv): string {
  const { DOCUMENTDB_USER: user, DOCUMENTDB_PASSWORD: password } = env;
  const login = user ? `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@` : '';
  // Amazon DocumentDB before 8.0.2 refuses retryable writes; every write here is safe to repeat by its caller.
  // And mongod by itself acknowledges before its journal is on disk.
  const options = new URLSearchParams({ retryWrites: 'false', journal: 'true' });
  if (user) options.set('authSource', env.DOCUMENTDB_AUTH_SOURCE);
  const isBareIpv6 = env.DOCUMENTDB_HOST.includes(':') && !env.DOCUMENTDB_HOST.startsWith('[');
  const host = isBareIpv6 ? `[${env.DOCUMENTDB_HOST}]` : env.DOCUMENTDB_HOST;
  return `mongodb://${login}${host}:${env.DOCUMENTDB_PORT}/?${options}`;
}
