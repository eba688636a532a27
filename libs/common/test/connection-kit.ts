import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect } from 'vitest';
import { lines, openRaw, type RawConnection } from '../../../tests/support/raw-http.ts';
import { type HttpServer, listen } from '../src/http/server/server.ts';

export let server: HttpServer;
export let asked: string[];
/** What waits at `/held`, in order. */
export let held: (() => void)[];

export let left: string[];

/** `/held` answers when the test says so, `/read` with its body; `/begun` begins before it has its body. */
const listener: RequestListener = async (req, res) => {
  asked.push(`${req.method} ${req.url}`);
  if (req.url === '/held') held.push(() => res.end('at last'));
  else if (req.url === '/left') {
    left = ['waits'];
    res.once('close', () => {
      left = ['has gone'];
    });
  } else if (req.url === '/read') res.end(`read ${await text(req).catch(() => 'nothing')}`);
  else if (req.url === '/begun') {
    res.write('begun ');
    res.end(await text(req).catch(() => 'nothing'));
  } else res.end('at once');
};

/** Starts a server for each test of a file. */
export function useServer(): void {
  beforeEach(async () => {
    asked = [];
    held = [];
    left = [];
    server = await listen(listener, '127.0.0.1', 0, { receiveWithinMs: 1_000 });
  });
  afterEach(() => server.drain());
}

/** Opens a connection to the server. */
export const open = () => openRaw(`http://127.0.0.1:${server.port}`);
export const get = (path: string) => lines(`GET ${path} HTTP/1.1`, 'Host: a');
export const post = (path: string, body: string, ...headers: string[]) =>
  lines(`POST ${path} HTTP/1.1`, 'Host: a', `Content-Length: ${body.length}`, ...headers) + body;

/** Returns the status and the body of each answer on a connection. */
export const answersOf = ({ received }: RawConnection) =>
  [...received().matchAll(/HTTP\/1\.1 (\d+) [\s\S]*?\r\n\r\n([\s\S]*?)(?=HTTP\/1\.1 |$)/g)].map(
    ([, status, body]) => `${status} ${body}`,
  );
export const BAD_REQUEST = '400 {"detail":"Bad Request"}';

/** Releases held requests one after the other, and returns the answers when the connection has ended. */
export async function finish(raw: RawConnection, number = 1): Promise<string[]> {
  for (let turn = 0; turn < number; turn += 1) {
    await expect.poll(() => held.length).toBe(turn + 1);
    held[turn]?.();
  }
  await raw.closed;
  return answersOf(raw);
}
