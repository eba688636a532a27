import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import getPort from 'get-port';

const TRIES = 200;

/** Below the ports of outgoing connections: a client waiting for its engine could be given the engine's own. */
function* candidates(): Iterable<number> {
  for (let tries = 0; tries < TRIES; tries += 1) yield randomInt(20_000, 32_000);
}

/** Picks a port that is free, and that this process was not given in the last seconds. */
export const freePort = (host = '127.0.0.1'): Promise<number> => getPort({ host, port: candidates() });

/** Returns the system's error code (such as EADDRINUSE) when listening fails. */
export function listenError(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (err: NodeJS.ErrnoException) => resolve(err.code ?? err.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
