import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

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
  const inHand = new Set<ServerResponse>();
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', (req, res) => {
    unused.delete(req.socket);
    inHand.add(res);
    res.once('close', () => inHand.delete(res));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { port: portOf(server), drain: () => drain(server, inHand, unused) };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

async function drain(server: Server, inHand: Set<ServerResponse>, unused: Set<Socket>): Promise<void> {
  const closed = once(server, 'close');
  // Answers from now on say `Connection: close`, so that callers with a kept-alive connection leave.
  const endConnection = (res: ServerResponse) => void res.setHeader('Connection', 'close');
  server.prependListener('request', (_req, res) => endConnection(res));
  for (const res of inHand) {
    if (!res.headersSent) endConnection(res);
    // An answer that has begun has promised to keep its connection.
    else res.once('close', () => res.req.socket.destroySoon());
  }
  server.close();
  // Browsers connect ahead of a request; Node counts such a connection as busy.
  for (const socket of unused) socket.destroy();
  await closed;
}
