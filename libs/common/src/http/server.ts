import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log } from '../logging.ts';
import { type Connection, createConnection } from './connection.ts';
import { drain } from './drain.ts';
import { securityHeaders } from './security-headers.ts';
import { readTarget } from './target.ts';

const KEEP_ALIVE_MS = 65_000;
const RECEIVE_WITHIN_MS = 30_000;
const CHECK_EVERY_MS = 5_000;

const UNREADABLE_STATUS: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** An HTTP server that can be drained. */
export type HttpServer = {
  port: number;
  /**
   * Ends every connection with its next answer, takes no new one after `noticeMs` (0 unless told otherwise), lets
   * requests in hand finish, then closes.
   */
  drain(noticeMs?: number): Promise<void>;
};

/**
 * Listens on `host:port` (0: any free port). Answers come in the order of their requests, also what is answered to
 * bytes that are no request. A caller that ends its own side of the connection still gets its answers.
 * @param options.log hears of what is no request
 * @param options.receiveWithinMs so long a request may take to arrive (30 s)
 * @throws when the port is taken (`EADDRINUSE`)
 */
export async function listen(
  listener: RequestListener,
  host: string,
  port: number,
  { log, receiveWithinMs = RECEIVE_WITHIN_MS }: { log?: Log; receiveWithinMs?: number } = {},
): Promise<HttpServer> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: receiveWithinMs,
    connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, receiveWithinMs),
    // Refused below, in the API's shape.
    requireHostHeader: false,
  });
  // Not documented, but Node's own tests hold it: else it ends a connection as soon as the caller has ended its side.
  Object.assign(server, { httpAllowHalfOpen: true });
  const connections = new Set<Connection>();
  const bySocket = new WeakMap<Duplex, Connection>();
  let isDraining = false;
  server.on('connection', (socket: Socket) => {
    const connection = createConnection(socket);
    connections.add(connection);
    bySocket.set(socket, connection);
    socket.once('close', () => connections.delete(connection));
  });
  const refuse = (socket: Duplex, status: number, reason: string, culprit?: ServerResponse) => {
    log?.info({ status, reason }, 'unreadable request');
    bySocket.get(socket)?.refuse(refusal(status), culprit);
  };
  const serve: RequestListener = (req, res) => {
    const connection = bySocket.get(req.socket);
    if (!connection?.take(req, res)) return;
    const target = readTarget(req);
    if (typeof target === 'string') {
      req.resume();
      refuse(req.socket, 400, target, res);
      return;
    }
    if (isDraining) connection.endAfterAnswers();
    req.url = target.path;
    if (target.host !== undefined) req.headers.host = target.host;
    listener(req, res);
  };
  server.on('request', serve);
  // An expectation that is not known may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', serve);
  server.on('connect', (_req, socket) => {
    // Node has let go of it: nobody else would read it to its end, and an error that nobody hears ends the process.
    socket.on('error', () => undefined).resume();
    refuse(socket, 405, 'CONNECT');
  });
  server.on('clientError', (err: NodeJS.ErrnoException, socket) => {
    if (err.code === 'ECONNRESET') socket.destroy();
    else refuse(socket, UNREADABLE_STATUS[err.code ?? ''] ?? 400, err.message);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: portOf(server),
    drain(noticeMs = 0) {
      isDraining = true;
      return drain(server, connections, noticeMs);
    },
  };
}

/** An answer in the API's shape to what no handler could see. */
function refusal(status: number): string {
  const detail = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ detail });
  const head = [
    `HTTP/1.1 ${status} ${detail}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${randomUUID()}`,
    ...securityHeaders.map(([name, value]) => `${name}: ${value}`),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
