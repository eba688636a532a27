import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import getPort from 'get-port';

const TRIES = 200;

/** The range of outgoing ports is unsafe: a client could get the port of its own engine. */
function* candidates(): Iterable<number> {
  for (let tries = 0; tries < TRIES; tries += 1) yield randomInt(20_000, 32_000);
}

export const freePort = (host = '127.0.0.1'): Promise<number> => getPort({ host, port: candidates() });

export function listenError(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (err: NodeJS.ErrnoException) => resolve(err.code ?? err.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
