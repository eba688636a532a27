import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { exchangeRaw, lines, openRaw } from '../../../../../tests/support/raw-http.ts';
import { type HttpServer, listen } from './server.ts';

/** What ends the pauses of a server that drains, in order; undefined while they end by themselves. */
const drains: { pauses: (() => void)[] | undefined } = vi.hoisted(() => ({ pauses: undefined }));
vi.mock('node:timers/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:timers/promises')>();
  const setTimeout = (ms: number) =>
    drains.pauses ? new Promise<void>((resolve) => drains.pauses?.push(resolve)) : real.setTimeout(ms);
  return { ...real, setTimeout };
});

/** From now on pauses last until the test ends them. */
function holdPauses(): (() => void)[] {
  const pauses: (() => void)[] = [];
  drains.pauses = pauses;
  onTestFinished(() => {
    drains.pauses = undefined;
  });
  return pauses;
}

/** A server whose `/held` answers when the test lets it. */
async function startServer() {
  const held: (() => void)[] = [];
  const listener: RequestListener = (req, res) => {
    if (req.url === '/begun') res.write('well, ');
    if (req.url === '/held' || req.url === '/begun') held.push(() => res.end('at last'));
    else res.end('at once');
  };
  return { server: await listen(listener, '127.0.0.1', 0), held };
}

async function ask(server: HttpServer, path: string, agent: Agent): Promise<IncomingMessage> {
  const [answer] = await once(get({ host: '127.0.0.1', port: server.port, path, agent }), 'response');
  return answer;
}

const within = (promise: Promise<void>, ms: number) =>
  Promise.race([
    promise.then(() => 'drained'),
    new Promise((resolve) => setTimeout(resolve, ms, 'still open')),
  ]);

describe('draining', () => {
  test.each([
    ['not begun', '/held', 'at last'],
    ['begun', '/begun', 'well, at last'],
  ])(
    'given an answer %s on a kept-alive connection, then it is completed and the server closes at once',
    async (_name, path, answer) => {
      const { server, held } = await startServer();
      const agent = new Agent({ keepAlive: true });
      const asked = ask(server, path, agent);
      await expect.poll(() => held.length).toBe(1);
      const drained = server.drain();
      expect(await within(drained, 100)).toBe('still open');
      held[0]?.();
      expect(await text(await asked)).toBe(answer);
      expect(await within(drained, 2_000)).toBe('drained');
      agent.destroy();
    },
  );

  test('given idle kept-alive connections, then they end', async () => {
    const { server } = await startServer();
    const agent = new Agent({ keepAlive: true });
    expect(await text(await ask(server, '/', agent))).toBe('at once');
    await expect.poll(() => Object.keys(agent.freeSockets)).toHaveLength(1);
    expect(await within(server.drain(), 2_000)).toBe('drained');
    agent.destroy();
  });

  test('given a new connection, then it is refused while the old one is still served', async () => {
    const { server, held } = await startServer();
    const agent = new Agent();
    const asked = ask(server, '/held', agent);
    await expect.poll(() => held.length).toBe(1);
    const drained = server.drain();
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
    held[0]?.();
    expect(await text(await asked)).toBe('at last');
    await drained;
  });

  test('given another request on a busy connection, then its answer says that the connection ends', async () => {
    const { server, held } = await startServer();
    const pipelined = connect(server.port, '127.0.0.1');
    await once(pipelined, 'connect');
    pipelined.write('GET /held HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => held.length).toBe(1);
    const drained = server.drain();
    pipelined.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    held[0]?.();
    const received = await text(pipelined);
    expect(received).toMatch(/at last$|at once$/);
    expect(received).toContain('Connection: close');
    await drained;
  });
});

describe('draining with a notice period', () => {
  const NOTICE_MS = 1_000;

  test('given an idle connection, then it is still served, its answer ends it, and then the server closes', async () => {
    const { server } = await startServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await text(await ask(server, '/', agent))).toBe('at once');
    await expect.poll(() => Object.keys(agent.freeSockets)).toHaveLength(1);
    const pauses = holdPauses();
    const drained = server.drain(NOTICE_MS);
    const last = await ask(server, '/', agent);
    expect(last.headers.connection).toBe('close');
    expect(await text(last)).toBe('at once');
    pauses[0]?.();
    expect(await within(drained, 10_000)).toBe('drained');
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
    agent.destroy();
  });

  test('given a new connection, then it is served too, and its answer ends it', async () => {
    const pauses = holdPauses();
    const { server } = await startServer();
    const drained = server.drain(NOTICE_MS);
    const request = lines('GET / HTTP/1.1', 'Host: x', 'Expect: wonders');
    // It would not come back if the connection went on.
    const answer = await exchangeRaw(`http://127.0.0.1:${server.port}`, request);
    expect(answer).toMatch(/Connection: close.*at once$/s);
    pauses[0]?.();
    await drained;
  });

  test('given a connection that was just opened, when the period is over, then its first request is still served', async () => {
    const pauses = holdPauses();
    const { server } = await startServer();
    const drained = server.drain(NOTICE_MS);
    const ahead = connect(server.port, '127.0.0.1');
    await once(ahead, 'connect');
    // One that was made after it is served: the server has seen it.
    expect(await (await fetch(`http://127.0.0.1:${server.port}/`)).text()).toBe('at once');
    pauses[0]?.();
    // The time is over, and that of connections without a request begins.
    await expect.poll(() => pauses.length).toBe(2);
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
    ahead.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await text(ahead)).toMatch(/Connection: close.*at once$/s);
    pauses[1]?.();
    await drained;
  });
});

test('given a port that is taken, then listening fails with its code', async () => {
  const { server } = await startServer();
  await expect(listen(() => {}, '127.0.0.1', server.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await server.drain();
});

describe('bytes that are no request', () => {
  test.each([
    ['garbage', 'garbage\r\n\r\n', 400, 'Bad Request'],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'Request Header Fields Too Large',
    ],
  ])("given %s, then it is refused in the API's shape", async (_name, sent, status, detail) => {
    const { server } = await startServer();
    const answer = await exchangeRaw(`http://127.0.0.1:${server.port}`, sent);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} ${detail}\r\n`));
    expect(answer).toMatch(/\r\nX-Request-Id: [0-9a-f-]{36}\r\n/);
    expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
    expect(answer).toMatch(/\r\ncache-control: no-store\r\n/i);
    expect(answer.endsWith(JSON.stringify({ detail }))).toBe(true);
    await server.drain();
  });

  test('given CONNECT from a caller who continues to send, then its connection ends', async () => {
    const { server } = await startServer();
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined).resume();
    socket.write(lines('CONNECT x:443 HTTP/1.1', 'Host: x'));
    const talking = setInterval(() => socket.write('and another thing'), 20);
    onTestFinished(() => clearInterval(talking));
    await closed;
    await server.drain();
  });

  test('given CONNECT from a caller who then resets the connection, then only its connection ends', async () => {
    const { server } = await startServer();
    const url = `http://127.0.0.1:${server.port}`;
    const { socket, write } = await openRaw(url);
    write(lines('CONNECT x:443 HTTP/1.1', 'Host: x'));
    await once(socket, 'data');
    socket.resetAndDestroy();
    const request = lines('GET / HTTP/1.1', 'Host: x', 'Connection: close');
    expect(await exchangeRaw(url, request)).toMatch(/^HTTP\/1.1 200 OK/);
    await server.drain();
  });

  test('given an unknown expectation, then it is ignored', async () => {
    const { server } = await startServer();
    const request = lines('GET / HTTP/1.1', 'Host: x', 'Expect: wonders', 'Connection: close');
    expect(await exchangeRaw(`http://127.0.0.1:${server.port}`, request)).toMatch(/^HTTP\/1.1 200 OK/);
    await server.drain();
  });
});
