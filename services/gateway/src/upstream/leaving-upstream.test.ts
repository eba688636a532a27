import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type HttpServer, listen } from '@quartet/common/http/server/server.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BareProxy, IDLE_FOR_LONG_MS, startProxy } from '../../../../tests/support/proxy.ts';
import { startThirdParty } from '../../../../tests/support/third-party.ts';

type Replica = { url: string; server: HttpServer; sockets: Set<Socket>; asked: () => number };

const PATIENTLY = { timeout: 20_000 };

let stops: (() => Promise<void>)[];

beforeEach(() => {
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

/** A server of ours, which drains as a service does. */
async function startReplica(name: string): Promise<Replica> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = await listen(
    (req, res) => {
      asked += 1;
      const { socket } = req;
      if (!sockets.has(socket)) socket.once('close', () => sockets.delete(socket));
      sockets.add(socket);
      req.resume().once('end', () => res.end(name));
    },
    '127.0.0.1',
    0,
  );
  return { url: `http://127.0.0.1:${server.port}`, server, sockets, asked: () => asked };
}

/** A proxy that closes no connection for being idle, so that it is known why one is closed. */
const givenProxy = (...urls: string[]) => givenProxyThatIdles(IDLE_FOR_LONG_MS, ...urls);

async function givenProxyThatIdles(idleMs: number | undefined, ...urls: string[]): Promise<BareProxy> {
  const proxy = await startProxy(urls, undefined, idleMs);
  stops.push(proxy.stop);
  return proxy;
}

const post = async (proxy: BareProxy): Promise<string> => {
  const answer = await fetch(proxy.url, { method: 'POST', body: 'x' });
  return answer.ok ? answer.text() : String(answer.status);
};

describe('given a service that drains', () => {
  test('when writes are sent, then none fails and the other instances get them', async () => {
    const [old, other] = [await startReplica('old'), await startReplica('other')];
    const proxy = await givenProxy(old.url, other.url);
    const answers: string[] = [];
    let isOver = false;
    const writing = Array.from({ length: 8 }, async () => {
      while (!isOver) answers.push(await post(proxy));
    });
    await expect.poll(() => old.asked(), PATIENTLY).toBeGreaterThan(50);
    const drained = old.server.drain(3_000);
    const soon = other.asked() + 100;
    await expect.poll(() => other.asked(), PATIENTLY).toBeGreaterThan(soon);
    const atOnce = old.asked();
    await drained;
    // All but those that were on their way.
    expect(old.asked()).toBe(atOnce);
    isOver = true;
    await Promise.all(writing);
    expect(new Set(answers)).toEqual(new Set(['old', 'other']));
    await other.server.drain();
  });

  test('when its connections are idle, then the gateway closes them before the service does', async () => {
    const old = await startReplica('old');
    const proxy = await givenProxyThatIdles(undefined, old.url);
    await Promise.all([post(proxy), post(proxy), post(proxy)]);
    const drained = old.server.drain(8_000);
    await expect.poll(() => old.sockets.size, { timeout: 6_000 }).toBe(0);
    expect(await post(proxy)).toBe('old');
    // Not waited for: it would be 8 s.
    void drained;
  });

  test('when one answer says that it drains, then its other connections are closed at once', async () => {
    const [old, other] = [await startReplica('old'), await startReplica('other')];
    const proxy = await givenProxy(old.url, other.url);
    await Promise.all(Array.from({ length: 20 }, () => post(proxy)));
    const idle = [...old.sockets];
    const asIdle = [...other.sockets];
    expect(Math.min(idle.length, asIdle.length)).toBeGreaterThan(1);
    const closed = Promise.all(idle.map((socket) => once(socket, 'close')));
    void old.server.drain(8_000);
    expect([await post(proxy), await post(proxy)]).toContain('old');
    await closed;
    // Those of the other one are still there, used since or not.
    expect(asIdle.filter(({ destroyed }) => !destroyed)).toEqual(asIdle);
    await other.server.drain();
  });
});

describe('given a kept-alive connection', () => {
  /** Answers the first request on a connection; `second` says what it does with the next one. */
  async function startBroken(second: (socket: Socket) => void) {
    let posts = 0;
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      let onThisOne = 0;
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        if (!data.toString('latin1').startsWith('POST')) return;
        posts += 1;
        onThisOne += 1;
        if (onThisOne === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst');
        else second(socket);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stops.push(async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { url: `http://127.0.0.1:${address.port}`, posts: () => posts, sockets };
  }

  test.each([
    ['closed', (socket: Socket) => void socket.end()],
    ['reset', (socket: Socket) => void socket.resetAndDestroy()],
  ])('when it is %s as a POST arrives, then that is a 503 and is never sent again', async (_how, second) => {
    const broken = await startBroken(second);
    const proxy = await givenProxy(broken.url, broken.url.replace('127.0.0.1', 'localhost'));
    // One connection to each address, then one more POST on each.
    expect([await post(proxy), await post(proxy)]).toEqual(['first', 'first']);
    expect([await post(proxy), await post(proxy)]).toEqual(['503', '503']);
    expect(broken.posts()).toBe(4);
    expect(await post(proxy)).toBe('first');
    expect(broken.posts()).toBe(5);
  });

  test('when it was closed a moment before, then a POST takes a new one', async () => {
    const broken = await startBroken(() => expect.fail());
    const proxy = await givenProxy(broken.url);
    for (let sent = 1; sent <= 20; sent += 1) {
      expect(await post(proxy)).toBe('first');
      expect(broken.posts()).toBe(sent);
      const [socket] = broken.sockets.splice(0);
      socket?.end();
      await once(socket ?? expect.fail(), 'close');
    }
  });
});

describe('given an answer that ends its connection for another reason', () => {
  test('when it answers a HEAD, then the address is still used', async () => {
    const [one, other] = [await startReplica('one'), await startReplica('other')];
    const proxy = await givenProxy(one.url, other.url);
    await fetch(proxy.url, { method: 'HEAD' });
    const before = [one.asked(), other.asked()];
    for (let sent = 0; sent < 10; sent += 1) await post(proxy);
    expect([one.asked() - (before[0] ?? 0), other.asked() - (before[1] ?? 0)]).toEqual([5, 5]);
    await Promise.all([one.server.drain(), other.server.drain()]);
  });

  test('when it is a refusal, then the address is still used', async () => {
    const refusing = await startThirdParty({ stopLater: (stop) => void stops.push(stop) }, (req, res) => {
      req.resume();
      res.writeHead(413, { connection: 'close' }).end();
    });
    const other = await startReplica('other');
    const proxy = await givenProxy(refusing.url, other.url);
    const answers: string[] = [];
    for (let sent = 0; sent < 10; sent += 1) answers.push(await post(proxy));
    expect(answers.filter((answer) => answer === '413')).toHaveLength(5);
    await other.server.drain();
  });
});
