import proxyAddr from 'proxy-addr';
import * as z from 'zod';
import { readBrokerAddress } from './events/broker-address.ts';
import type { Log } from './logging.ts';
import { telemetryFields, telemetrySettings } from './telemetry/settings.ts';

/** The configuration is wrong; `message` names every mistake, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const DEFAULT_SECRET = 'changethis';
const DAY_SECONDS = 86_400;
const DEPLOYED_DRAIN_SECONDS = 5;
const LOOPBACK_NATS = 'nats://127.0.0.1:4222';

const environments = z.enum(['local', 'staging', 'production']);

/** A TCP port, 1 to 65535 (0 picks a free one). */
export const port = (fallback: number) =>
  z.coerce.number({ error: 'must be a number' }).int().min(0).max(65_535).default(fallback);

/** `true`, `1`, `yes`, `on` or their opposites. */
export const flag = (fallback: boolean) => z.stringbool().default(fallback);

/** A whole number within bounds. */
export const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number({ error: 'must be a number' }).int().min(min).max(max).default(fallback);

/** An http(s) address, its trailing slashes removed. */
export const httpAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .transform((url) => url.replace(/\/+$/, ''));

/** An http(s) address without a path. */
const httpOrigin = httpAddress.refine((url) => URL.parse(url)?.pathname === '/' && !/[?#]/.test(url), {
  error: 'must be an address without a path',
});

/** An http(s) address that has a default. */
export const httpUrl = (fallback: string) => httpAddress.default(fallback);

/** A comma-separated list or a JSON array of strings. */
export const list = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, ctx) => {
      if (!text.trimStart().startsWith('[')) return splitList(text);
      const parsed = z.array(z.string()).safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      ctx.issues.push({ code: 'custom', input: text, message: 'must be a comma list or a JSON array' });
      return z.NEVER;
    });

/** A comma-separated list or a JSON array of NATS addresses, which may hold user and password. */
export const brokerAddress = list(LOOPBACK_NATS).transform((addresses, ctx) => {
  const read = readBrokerAddress(addresses);
  if (!('mistake' in read)) return read;
  ctx.issues.push({ code: 'custom', input: undefined, message: read.mistake });
  return z.NEVER;
});

/** Addresses and ranges (CIDR) of proxies, as a function that knows whether an address is one of them. */
const trustedProxies = list('').transform((addresses, ctx) => {
  try {
    return proxyAddr.compile(addresses);
  } catch {
    const message = 'must be addresses or ranges, as in 10.0.0.1,10.1.0.0/16,fd00::/8';
    ctx.issues.push({ code: 'custom', input: addresses, message });
    return z.NEVER;
  }
});

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

/** One or more http(s) addresses without a path: a comma-separated list or a JSON array. */
export const httpUrls = (fallback: string) =>
  list(fallback).pipe(z.array(httpOrigin).min(1, 'must name at least one address'));

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

/**
 * A zod check for a whole configuration: none of the named secrets may read "changethis" outside `local`.
 * There it is allowed; `defaultSecrets` lists them for the warning.
 */
export function refuseDefaultSecrets<E extends { ENVIRONMENT: string }>(names: (keyof E & string)[]) {
  const check = z.check<E>((ctx) => {
    const environment = environments.safeParse(ctx.value.ENVIRONMENT).data ?? 'local';
    if (environment === 'local') return;
    for (const name of defaultSecrets(ctx.value, names)) {
      const message = `must not be "${DEFAULT_SECRET}" when ENVIRONMENT is ${environment}`;
      ctx.issues.push({ code: 'custom', input: undefined, path: [name], message });
    }
  });
  // Without it zod leaves the check out when a single variable is wrong already.
  check._zod.def.when = () => true;
  return check;
}

/** Says at a start which secrets still read "changethis"; there are some in `local` only. */
export function warnOfDefaultSecrets(variables: string[], log: Log): void {
  if (variables.length > 0) log.warn({ variables }, 'secrets still read "changethis"');
}

/** Which of the named secrets still read "changethis". */
export function defaultSecrets<E>(env: E, names: (keyof E & string)[]): (keyof E & string)[] {
  return names.filter((name) => env[name] === DEFAULT_SECRET);
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

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
