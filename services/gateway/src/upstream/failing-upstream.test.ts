import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { gatewayFixture } from '../../../../tests/support/fixtures.ts';
import { expectUnavailable } from '../../../../tests/support/gateway.ts';
import { exchangeRaw, lines } from '../../../../tests/support/raw-http.ts';
import { runGateway } from '../../../../tests/support/services.ts';

type Behaviour = (req: IncomingMessage, res: ServerResponse) => void;

const dies: Behaviour = (req) => void req.socket.destroy();
const isSilent: Behaviour = () => undefined;

let behaviours: [Behaviour, Behaviour];
let counts: [number, number];

const replica = (index: 0 | 1): Behaviour => {
  return (req, res) => {
    counts[index] += 1;
    behaviours[index](req, res);
  };
};
const given = (first: Behaviour, second: Behaviour = first) => {
  behaviours = [first, second];
};
const total = () => counts[0] + counts[1];

const all = await gatewayFixture([replica(0), replica(1)]);
const call = all.gateway.client;
const { client: callHastily } = await runGateway(
  all.bed,
  {
    AUTH_URL: all.auth.url,
    ITEMS_URL: all.replicas.map(({ url }) => url).join(','),
    UPSTREAM_TIMEOUT_SECONDS: '1',
  },
  ['/items'],
);
beforeEach(() => {
  counts = [0, 0];
});

describe('given a service that dies before it answers', () => {
  test('when it has a write in flight, then the answer is a 503 and the write is never sent again', async () => {
    given(dies);
    expectUnavailable(await call('POST', '/items', { raw: 'x' }));
    expectUnavailable(await call('POST', '/items'));
    expectUnavailable(await call('DELETE', '/items/1'));
    expectUnavailable(await call('PUT', '/items/1', { raw: 'x' }));
    expectUnavailable(await call('PATCH', '/items/1', { raw: 'x' }));
    expect(total()).toBe(5);
  });

  test('when it has a GET in flight, then another address is asked', async () => {
    given(dies, (_req, res) => void res.end('here'));
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('GET', '/items')));
    expect(answers.map(({ text }) => text)).toEqual(Array(8).fill('here'));
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts[1]).toBe(8);
  });

  test('when all addresses die, then a GET is sent once to each and the answer is a 503', async () => {
    given(dies);
    expectUnavailable(await call('GET', '/items'));
    expect(counts).toEqual([1, 1]);
  });

  test('when a GET carries a body, then it is not sent again', async () => {
    given(dies);
    const head = lines('GET /api/v1/items HTTP/1.1', 'Host: a', 'Connection: close', 'Content-Length: 2');
    expect(await exchangeRaw(all.gateway.url, `${head}hi`)).toContain('503 Service Unavailable');
    expect(total()).toBe(1);
  });
});

describe('given a service that does not answer in time', () => {
  test.each(['GET', 'POST'])(
    'when it has a %s in flight, then the answer is a 503 after one try',
    async (method) => {
      given(isSilent);
      const startedAt = performance.now();
      expectUnavailable(await callHastily(method, '/items'));
      expect(performance.now() - startedAt).toBeGreaterThan(900);
      expect(total()).toBe(1);
    },
  );

  test('when it stops in the middle of its answer, then the answer breaks off', async () => {
    given((_req, res) => void res.writeHead(200, { 'content-length': '10' }).write('half'));
    await expect(callHastily('GET', '/items')).rejects.toThrow();
    expect(total()).toBe(1);
  });
});

describe('given a service that dies in the middle of its answer', () => {
  test.each([
    ['with a known length', { 'content-length': '10' }],
    ['in chunks', {}],
  ])('when it answers %s, then the answer breaks off and is not started again', async (_how, headers) => {
    given((req, res) => {
      res.writeHead(200, headers);
      res.write('half', () => req.socket.destroy());
    });
    await expect(call('GET', '/items')).rejects.toThrow();
    expect(total()).toBe(1);
  });
});

test('given an upstream that does not speak HTTP, then the answer is a 503', async () => {
  given((req) => void req.socket.end('what?\r\n\r\n'));
  expectUnavailable(await call('GET', '/items'));
  expectUnavailable(await call('POST', '/items'));
});
