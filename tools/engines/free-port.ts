import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which systems take the ports of outgoing connections: while an engine restarts, a client that
// tries to reach it could otherwise be given the very port it calls, connect to itself, and keep the engine out.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Picks a port that nobody listens on. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await listenError(port, host)) === undefined) {
      return port;
    }
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST} on ${host}`);
}

/** Tries to listen; returns the system's error code (such as EADDRINUSE) when that fails. */
export function listenError(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (err: NodeJS.ErrnoException) => resolve(err.code ?? err.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
