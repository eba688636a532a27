import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { flag } from '@quartet/common/config/fields.ts';
import { decodeEnvFile, EnvFileMistake } from './env-file/decode.ts';
import { parseEnvFile } from './env-file/parse.ts';
import { StackError } from './errors.ts';

/** The real environment wins over the file; empty counts as unset. @throws {StackError} when ambiguous */
export async function readEnvironment(
  file: string,
  real: NodeJS.ProcessEnv,
  isWanted: boolean,
): Promise<NodeJS.ProcessEnv> {
  const bytes = await readFile(file).catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT' && !isWanted) return Buffer.of();
    throw new StackError(`the settings in ${file} cannot be read: ${err.message}`);
  });
  try {
    return { ...withoutEmpty(parseEnvFile(decodeEnvFile(bytes), real)), ...withoutEmpty(real) };
  } catch (err) {
    if (!(err instanceof EnvFileMistake)) throw err;
    throw new StackError(`the settings in ${file} cannot be read, line ${err.line}: ${err.message}`);
  }
}

/** Addresses may hold passwords, and headers a key. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/SECRET|PASSWORD|^(NATS|MONGODB)_URL|^OTEL_.*HEADERS|^SENTRY_DSN/.test(name),
    ),
  );
}

/** Some shells export a HOST that is the machine's name, so only an address counts. */
export function listenAddress(env: NodeJS.ProcessEnv): string {
  return env.HOST !== undefined && isIP(env.HOST) !== 0 ? env.HOST : '127.0.0.1';
}

export function reachableAt(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** What a person types into a browser on this machine. */
export function originAt(host: string, port: number): string {
  const name = ['127.0.0.1', '0.0.0.0', '::1', '::'].includes(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** The gateway itself reports a value that is no flag. */
export const wantsDashboard = (env: NodeJS.ProcessEnv): boolean =>
  flag(true).safeParse(env.DASHBOARD).data !== false;

function withoutEmpty(env: NodeJS.Dict<string>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}
