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
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../process/logging.ts';
import type { Metrics } from '../../process/metrics.ts';
import { readTarget } from '../host.ts';
import { securityHeaders } from '../security-headers.ts';
import { type Connection, createConnection } from './connection.ts';
import {
  type CallerCap,
  createCallerCount,
  createConnectionCount,
  createConnectionCutter,
} from './connection-limits.ts';
import { createMinimumRate, lookEveryMs, type MinimumRate } from './minimum-rate.ts';

const KEEP_ALIVE_MS = 65_000;
const RECEIVE_WITHIN_MS = 30_000;
const CHECK_EVERY_MS = 5_000;

const UNREADABLE_STATUS: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

export type HttpServer = {
  port: number;
  /** Every connection ends with its next answer; no new one is accepted after `noticeMs` (default 0). */
  drain(noticeMs?: number): Promise<void>;
};

export type ListenOptions = {
  log?: Log;
  metrics?: Metrics;
  /** It limits the arrival of a request, and the time in which a caller takes nothing of its answer. */
  receiveWithinMs?: number;
  perCaller?: CallerCap;
};

/** Listens on `host:port` (0: any free port). @throws {Error} `EADDRINUSE` when the port is taken */
export async function listen(
  listener: RequestListener,
  host: string,
  port: number,
  { log, metrics, receiveWithinMs = RECEIVE_WITHIN_MS, perCaller }: ListenOptions = {},
): Promise<HttpServer> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: receiveWithinMs,
    connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, receiveWithinMs),
    // A missing Host is refused below, in the API's shape.
    requireHostHeader: false,
  });
  // Node does not document this: without it, a connection ends when the caller ends its side.
  Object.assign(server, { httpAllowHalfOpen: true });
  const connections = new Map<Connection, MinimumRate>();
  const bySocket = new WeakMap<Duplex, Connection>();
  const cut = createConnectionCutter({ log, metrics });
  const count = createCallerCount(perCaller);
  let isDraining = false;
  const refuse = (socket: Duplex, status: number, reason: string, culprit?: ServerResponse) => {
    log?.info({ status, reason }, 'unreadable request');
    bySocket.get(socket)?.refuse(refusal(status), culprit);
  };
  const serve = (res: ServerResponse, connection: Connection): void => {
    const { req } = res;
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
  const connectionCount = createConnectionCount({
    connections: () => connections.keys(),
    cut(greediest) {
      cut('too_many_waiting', greediest.peer);
      greediest.destroy();
    },
  });
  server.on('connection', (socket: Socket) => {
    if (!count(socket)) {
      cut('too_many', socket.remoteAddress);
      socket.end(refusal(429, ['Retry-After: 1']));
      socket.destroySoon();
      return;
    }
    const connection = createConnection(socket, { serve, connectionCount });
    connections.set(connection, createMinimumRate(socket, receiveWithinMs));
    bySocket.set(socket, connection);
    socket.once('close', () => connections.delete(connection));
  });
  const looking = setInterval(() => {
    const now = performance.now();
    for (const [connection, rate] of connections) {
      const current = connection.current();
      const hindrance = rate.look(now, current?.req);
      if (hindrance) cut(hindrance, connection.peer);
      if (hindrance === 'slow_body') connection.refuse(refusal(408), current);
      if (hindrance === 'takes_nothing') connection.destroy();
    }
  }, lookEveryMs(receiveWithinMs));
  server.once('close', () => clearInterval(looking));
  const take: RequestListener = (req, res) => {
    const connection = bySocket.get(req.socket);
    connection?.take(res);
    // RFC 9112, 6.1: a proxy before us may have found another end of this request.
    if (req.httpVersion === '1.0' && req.headers['transfer-encoding'] !== undefined)
      connection?.endAfterAnswers();
  };
  server.on('request', take);
  // An unknown expectation may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', take);
  server.on('connect', (_req, socket) => {
    // Node no longer reads this socket, and an unhandled error would end the process.
    socket.on('error', () => undefined).resume();
    bySocket.get(socket)?.forget();
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

function refusal(status: number, headers: string[] = []): string {
  const detail = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ detail });
  const head = [
    `HTTP/1.1 ${status} ${detail}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${randomUUID()}`,
    ...headers,
    ...securityHeaders.map(([name, value]) => `${name}: ${value}`),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** A new connection has this time for its first request, once no other is accepted. */
const FIRST_REQUEST_WITHIN_MS = 200;

/** Closing an idle connection may lose a request, so answers end the connections for `noticeMs` first. */
async function drain(
  server: Server,
  connections: ReadonlyMap<Connection, unknown>,
  noticeMs: number,
): Promise<void> {
  for (const connection of connections.keys()) connection.endAfterAnswers();
  if (noticeMs > 0) await delay(noticeMs);
  const closed = once(server, 'close');
  server.close();
  const unused = () => [...connections.keys()].filter((connection) => connection.isUnused());
  if (noticeMs > 0 && unused().length > 0) await delay(FIRST_REQUEST_WITHIN_MS);
  // Browsers connect in advance; Node counts such connections as busy.
  for (const connection of unused()) connection.destroy();
  await closed;
}
