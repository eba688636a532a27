import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that can be drained. */
export type HttpServer = {
  port: number;
  /** Takes no new connection, lets requests in hand finish, then closes. */
  drain(): Promise<void>;
};

/**
 * Listens on `host:port` (0: any free port).
 * @throws when the port is taken (`EADDRINUSE`)
 */
export async function listen(listener: RequestListener, host: string, port: number): Promise<HttpServer> {
  const server = createServer({ keepAliveTimeout: 65_000 }, listener);
  server.listen(port, host);
  await once(server, 'listening');
  return { port: portOf(server), drain: () => drain(server) };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close');
  // Answers from now on say `Connection: close`, so that callers with a kept-alive connection leave.
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  server.close();
  server.closeIdleConnections();
  await closed;
}
