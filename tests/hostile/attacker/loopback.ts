import { isIPv4 } from 'node:net';

/**
 * The address and port of a server on this machine.
 * @throws for any other: an attack is for the stack that was started for it
 */
export function loopbackOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  if (!isIPv4(hostname) || !hostname.startsWith('127.')) {
    throw new Error(`${hostname} is not attacked: only 127.0.0.0/8 is`);
  }
  return { host: hostname, port: Number(port) };
}
