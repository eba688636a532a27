import { isIPv4 } from 'node:net';

/** @throws {Error} for a server that is not on this machine, so that no attack leaves it */
export function loopbackOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  if (!isIPv4(hostname) || !hostname.startsWith('127.')) {
    throw new Error(`${hostname} is not attacked: only 127.0.0.0/8 is`);
  }
  return { host: hostname, port: Number(port) };
}
