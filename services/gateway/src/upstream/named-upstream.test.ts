import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type BareProxy, IDLE_FOR_LONG_MS, startProxy } from '../../../../tests/support/proxy.ts';
import { nobodyAt, startThirdParty, type ThirdParty } from '../../../../tests/support/third-party.ts';
import { lookUp } from './resolve-name.ts';

/** What the name `items.test` stands for now; undefined while it cannot be looked up. */
let ips: string[] | undefined;
/** What was looked up. */
let looks: string[];
let stops: (() => Promise<void>)[];
let port: number;

const bed = { stopLater: (stop: () => Promise<void>) => void stops.push(stop) };
const lookup = async (name: string): Promise<string[]> => {
  looks.push(name);
  if (!ips) throw new Error('SERVFAIL');
  return ips;
};

async function givenProxy(...urls: string[]): Promise<BareProxy> {
  const proxy = await startProxy(urls, lookup, IDLE_FOR_LONG_MS);
  bed.stopLater(proxy.stop);
  return proxy;
}

/** A replica that answers with its address. All replicas have the same port, as those behind one name do. */
const replica = (ip: string, listener?: RequestListener): Promise<ThirdParty> =>
  startThirdParty(bed, listener ?? ((_req, res) => void res.end(ip)), port, ip);

const ask = async (proxy: BareProxy, method = 'GET'): Promise<string> => {
  const answer = await fetch(`${proxy.url}/`, method === 'GET' ? {} : { method, body: 'x' });
  return `${answer.status} ${answer.status === 200 ? await answer.text() : ''}`.trim();
};
const askOften = async (proxy: BareProxy, times: number): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (let asked = 0; asked < times; asked += 1) {
    const answer = await ask(proxy, asked % 2 === 0 ? 'GET' : 'POST');
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
};

beforeEach(async () => {
  ips = [];
  looks = [];
  stops = [];
  port = Number(new URL(await nobodyAt()).port);
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

describe('given a name with several addresses', () => {
  test('when requests come, then each address gets some of them, under the name', async () => {
    const hosts = new Set<string | undefined>();
    for (const ip of ['127.0.0.1', '127.0.0.2', '127.0.0.3']) {
      await replica(ip, (req, res) => {
        hosts.add(req.headers.host);
        res.end(ip);
      });
    }
    ips = ['127.0.0.3', '127.0.0.1', '127.0.0.2'];
    const proxy = await givenProxy(`http://items.test:${port}`);
    expect(await askOften(proxy, 30)).toEqual({
      '200 127.0.0.1': 10,
      '200 127.0.0.2': 10,
      '200 127.0.0.3': 10,
    });
    expect([...hosts]).toEqual([`items.test:${port}`]);
    expect(new Set(looks)).toEqual(new Set(['items.test']));
  });

  test('when it gets other addresses, then only those are used within seconds', async () => {
    await replica('127.0.0.1');
    await replica('127.0.0.2');
    ips = ['127.0.0.1'];
    const proxy = await givenProxy(`http://items.test:${port}`);
    expect(await askOften(proxy, 4)).toEqual({ '200 127.0.0.1': 4 });
    ips = ['127.0.0.2'];
    await expect.poll(() => ask(proxy), { timeout: 10_000 }).toBe('200 127.0.0.2');
    expect(await askOften(proxy, 4)).toEqual({ '200 127.0.0.2': 4 });
  });

  test('when an address is removed, then its requests in flight finish, and its connections are then closed', async () => {
    const held: ServerResponse[] = [];
    const old = await replica('127.0.0.1', (_req, res) => void held.push(res));
    const other = await replica('127.0.0.2');
    // Neither side closes a connection for being idle.
    for (const { server } of [old, other]) server.keepAliveTimeout = 2 * IDLE_FOR_LONG_MS;
    ips = ['127.0.0.1'];
    const proxy = await givenProxy(`http://items.test:${port}`);
    const slow = ask(proxy, 'POST');
    await expect.poll(() => held.length).toBe(1);
    ips = ['127.0.0.2'];
    await expect
      .poll(() => proxy.logLines().filter(({ ips: found }) => found).length, { timeout: 10_000 })
      .toBe(2);
    expect(await ask(proxy)).toBe('200 127.0.0.2');
    const closed = once(old.connections[0] ?? expect.fail(), 'close');
    held[0]?.end('at last');
    expect(await slow).toBe('200 at last');
    await closed;
    expect(other.connections.map(({ destroyed }) => destroyed)).toEqual([false]);
    expect(old.connections).toHaveLength(1);
  });

  test('when a look-up fails, then the last addresses stay', async () => {
    await replica('127.0.0.1');
    ips = ['127.0.0.1'];
    const proxy = await givenProxy(`http://items.test:${port}`);
    expect(await ask(proxy)).toBe('200 127.0.0.1');
    ips = undefined;
    const failed = () =>
      proxy.logLines().filter(({ msg }) => String(msg).startsWith('a name could not')).length;
    await expect.poll(failed, { timeout: 10_000 }).toBe(1);
    expect(await ask(proxy)).toBe('200 127.0.0.1');
  });

  test('when one of them refuses, then the name is looked up at once', async () => {
    // The clock by which it is looked up again and again stands still.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const old = await replica('127.0.0.1');
    await replica('127.0.0.2');
    ips = ['127.0.0.1', '127.0.0.2'];
    const proxy = await givenProxy(`http://items.test:${port}`);
    expect(await askOften(proxy, 4)).toEqual({ '200 127.0.0.1': 2, '200 127.0.0.2': 2 });
    expect(looks).toHaveLength(1);
    await old.kill();
    await replica('127.0.0.3');
    ips = ['127.0.0.2', '127.0.0.3'];
    await expect.poll(() => ask(proxy, 'POST'), { timeout: 10_000 }).toBe('200 127.0.0.3');
  });

  test('when it has not been looked up yet, then a request waits for that', async () => {
    await replica('127.0.0.1');
    const looked = Promise.withResolvers<string[]>();
    const proxy = await startProxy([`http://items.test:${port}`], () => looked.promise);
    bed.stopLater(proxy.stop);
    const asked = ask(proxy, 'POST');
    await expect.poll(() => proxy.asked()).toBe(1);
    looked.resolve(['127.0.0.1']);
    expect(await asked).toBe('200 127.0.0.1');
  });

  test('when it has no address yet, then the answer is a 503 until it has one', async () => {
    ips = undefined;
    const proxy = await givenProxy(`http://items.test:${port}`);
    expect(await ask(proxy)).toBe('503');
    await replica('127.0.0.1');
    ips = ['127.0.0.1'];
    await expect.poll(() => ask(proxy), { timeout: 10_000 }).toBe('200 127.0.0.1');
  });
});

test('given a name that this machine knows without DNS, then it is found', async () => {
  expect(['127.0.0.1', '::1']).toEqual(expect.arrayContaining(await lookUp('localhost')));
});

test('given IP addresses and localhost, then nothing is looked up', async () => {
  await replica('127.0.0.1');
  await replica('127.0.0.2');
  const proxy = await givenProxy(`http://localhost:${port}`, `http://127.0.0.2:${port}`);
  expect(await askOften(proxy, 4)).toEqual({ '200 127.0.0.1': 2, '200 127.0.0.2': 2 });
  expect(looks).toEqual([]);
});

test('given an address that refuses, when it is back, then it gets requests again within seconds', async () => {
  const [first] = [await replica('127.0.0.1'), await replica('127.0.0.2')];
  const proxy = await givenProxy(`http://127.0.0.1:${port}`, `http://127.0.0.2:${port}`);
  await first.kill();
  expect(await askOften(proxy, 20)).toEqual({ '200 127.0.0.2': 20 });
  // Set aside at once, it is not tried by every request.
  expect(proxy.logLines().filter(({ msg }) => msg === 'upstream failed').length).toBeLessThan(8);
  await replica('127.0.0.1');
  await expect.poll(() => ask(proxy), { timeout: 10_000 }).toBe('200 127.0.0.1');
  expect(await askOften(proxy, 10)).toEqual({ '200 127.0.0.1': 5, '200 127.0.0.2': 5 });
});
