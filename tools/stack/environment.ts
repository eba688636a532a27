import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Reads .env in `folder`, if there is one, beneath the real environment. An empty value counts as unset. */
export async function readEnvironment(folder: string, real: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const text = await readFile(join(folder, '.env'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return '';
    }
    throw error;
  });
  return { ...withoutEmpty(parseEnv(text)), ...withoutEmpty(real) };
}

/**
 * The address the stack listens on: loopback, unless HOST is an address. Some shells export a HOST that is the
 * machine's name; that one is not meant for us.
 */
export function listenAddress(env: NodeJS.ProcessEnv): string {
  return env.HOST !== undefined && isIP(env.HOST) !== 0 ? env.HOST : '127.0.0.1';
}

/** How this machine reaches what listens on `host`, ready to stand in a URL. */
export function reachableAt(host: string): string {
  if (host === '0.0.0.0' || host === '::') {
    return '127.0.0.1';
  }
  return host.includes(':') ? `[${host}]` : host;
}

function withoutEmpty(env: NodeJS.Dict<string>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}
