import * as z from 'zod';
import { telemetryFields, telemetrySettings } from '../telemetry/settings.ts';
import {
  brokerAddress,
  digits,
  environments,
  host,
  httpUrls,
  line,
  list,
  port,
  trustedProxies,
  whole,
} from './fields.ts';

/** `message` names every mistake on a line of its own. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const DAY_SECONDS = 86_400;
const DEPLOYED_DRAIN_SECONDS = 5;

/** Defines the settings that every process reads. */
export const processFields = (publicPort: number) => ({
  PROJECT_NAME: line().default('Quartet'),
  ENVIRONMENT: environments.default('local'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  HOST: host().default('0.0.0.0'),
  PORT: port(publicPort),
  PRIVATE_PORT: port(publicPort + 1000),
  PRIVATE_HOSTS: list(''),
  TRUSTED_PROXIES: trustedProxies,
  REQUEST_TIMEOUT_SECONDS: whole(30, 1, 3_600),
  DRAIN_SECONDS: digits(0, 8).optional(),
  NATS_URL: brokerAddress,
  NATS_USER: line().optional(),
  NATS_PASSWORD: line().optional(),
  NATS_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, - or _')
    .optional(),
  EVENT_RETRY_ATTEMPTS: whole(12, 1, 1_000),
  EVENT_RETRY_FIRST_SECONDS: whole(1, 1, DAY_SECONDS),
  EVENT_RETRY_LONGEST_SECONDS: whole(3_600, 1, DAY_SECONDS),
  ...telemetryFields,
});

export const tokenFields = { AUTH_URL: httpUrls('http://localhost:8001') };

type ProcessEnv = z.output<z.ZodObject<ReturnType<typeof processFields>>>;
/** Converts the values of {@link processFields} for the code that uses them. */
export function processConfig(env: ProcessEnv) {
  return {
    logLevel: env.LOG_LEVEL,
    host: env.HOST,
    port: env.PORT,
    privatePort: env.PRIVATE_PORT,
    /** Health and metrics accept these names, beside the machine's and the service's. */
    privateHosts: env.PRIVATE_HOSTS,
    trustsProxy: env.TRUSTED_PROXIES,
    /** It counts from a request's first byte to its last. */
    receiveWithinMs: env.REQUEST_TIMEOUT_SECONDS * 1_000,
    /** A process serves this long after SIGTERM, until its callers have noticed. */
    drainMs: 1_000 * (env.DRAIN_SECONDS ?? (env.ENVIRONMENT === 'local' ? 0 : DEPLOYED_DRAIN_SECONDS)),
    broker: {
      servers: env.NATS_URL.servers,
      user: env.NATS_USER ?? env.NATS_URL.user,
      password: env.NATS_PASSWORD ?? env.NATS_URL.password,
      namespace: env.NATS_NAMESPACE,
    },
    telemetry: telemetrySettings(env),
    retry: {
      attempts: env.EVENT_RETRY_ATTEMPTS,
      firstDelayMs: env.EVENT_RETRY_FIRST_SECONDS * 1_000,
      longestDelayMs: env.EVENT_RETRY_LONGEST_SECONDS * 1_000,
    },
  };
}

/** Parses `env`; an empty value is unset. @throws {ConfigError} naming every wrong variable, never a value */
export function readConfig<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv): z.output<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const mistakes = new Set(
    parsed.error.issues.map(({ path, message }) => `  ${String(path[0])}: ${message}`),
  );
  throw new ConfigError(`The configuration is wrong:\n${[...mistakes].join('\n')}`);
}
