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
import { drain } from './drain.ts';
import { securityHeaders } from './security-headers.ts';

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
 * Listens on `host:port` (0: any free port). A request must be received within 30 s.
 * @param log hears of what is no request
 * @throws when the port is taken (`EADDRINUSE`)
 */
export async function listen(
  listener: RequestListener,
  host: string,
  port: number,
  log?: Log,
): Promise<HttpServer> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: RECEIVE_WITHIN_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    // Refused below, in the API's shape.
    requireHostHeader: false,
  });
  const inHand = new Set<ServerResponse>();
  const unused = new Set<Socket>();
  let isDraining = false;
  const refuse = (socket: Duplex, status: number, reason: string) => {
    log?.info({ status, reason }, 'unreadable request');
    refuseRaw(socket, status);
  };
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  const serve: RequestListener = (req, res) => {
    unused.delete(req.socket);
    inHand.add(res);
    res.once('close', () => inHand.delete(res));
    if (isDraining) sayClose(res);
    // RFC 9112, 3.2 and 3.2.2: a host is a must, and a target may be a whole address.
    if (req.headers.host === undefined && req.httpVersion === '1.1') {
      refuse(req.socket, 400, 'no Host header');
      return;
    }
    if (req.url?.startsWith('http')) req.url = req.url.replace(/^https?:\/\/[^/?]*/, '') || '/';
    listener(req, res);
  };
  server.on('request', serve);
  // An expectation that is not known may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', serve);
  server.on('connect', (_req, socket) => {
    // Node has let go of it: nobody else would read it to its end, and an error that nobody hears ends the process.
    socket.on('error', () => undefined).resume();
    // Nor would its silence or its chatter be noticed.
    socket.once('finish', () => socket.destroy());
    refuse(socket, 405, 'CONNECT');
  });
  server.on('clientError', (err: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || err.code === 'ECONNRESET') socket.destroy();
    else refuse(socket, UNREADABLE_STATUS[err.code ?? ''] ?? 400, err.message);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: portOf(server),
    drain(noticeMs = 0) {
      isDraining = true;
      return drain(server, { inHand, unused }, sayClose, noticeMs);
    },
  };
}

/** So that a caller with a kept-alive connection leaves. */
const sayClose = (res: ServerResponse): void => void res.setHeader('Connection', 'close');

/** Answers in the API's shape what no handler could see. */
function refuseRaw(socket: Duplex, status: number): void {
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
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
