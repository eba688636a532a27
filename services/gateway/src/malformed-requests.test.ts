import { afterEach, describe, expect, test } from 'vitest';
import { gatewayFixture } from '../../../tests/support/fixtures.ts';
import { exchangeRaw, lines, openRaw } from '../../../tests/support/raw-http.ts';

const seen: string[] = [];

const all = await gatewayFixture((req, res) => {
  seen.push(`${req.method} ${req.url}`);
  res.end('ok');
});
afterEach(async () => {
  seen.length = 0;
  expect((await all.gateway.client('GET', '/items')).text).toBe('ok');
  expect(all.bed.logLines().filter(({ level }) => Number(level) >= 50)).toEqual([]);
  seen.length = 0;
});

const send = (text: string) => exchangeRaw(all.gateway.url, text);
const POST = ['POST /api/v1/items HTTP/1.1', 'Host: a', 'Connection: close'];

describe('a malformed target', () => {
  test.each([
    '/%zz',
    '//',
    '///api/v1/items',
    '/api/v1',
    '/api//v1/items',
    '/api/v1/items/../../secrets',
    '/api/v1/%2e%2e/items',
    '/api/v1/items;a=b/x',
    '/\\evil',
    '*',
    'http://evil.example/api/v2',
    `/api/v1/items/${'a/'.repeat(2000)}`,
    '/api/v1/nothing?%zz=%',
  ])('given %s, then it is a 404 of the contract', async (target) => {
    const answer = await send(lines(`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close'));
    expect(answer).toMatch(/^HTTP\/1\.1 404 [\s\S]*\{"detail":"Not Found"\}$/);
    expect(seen).toEqual([]);
  });

  test('given an id that is a broken escape, then it is passed on as it is', async () => {
    expect(await send(lines('GET /api/v1/items/%zz HTTP/1.1', 'Host: a', 'Connection: close'))).toMatch(
      /^HTTP\/1\.1 200/,
    );
    expect(seen).toEqual(['GET /api/v1/items/%zz']);
  });

  test.each([20_000, 1_000_000])('given one of %i bytes, then it is refused', async (length) => {
    const answer = await send(lines(`GET /api/v1/items/${'a'.repeat(length)} HTTP/1.1`, 'Host: a'));
    // Node may have to reset a connection on which bytes are still arriving; then there is nothing to read.
    expect(answer).toMatch(/^(HTTP\/1\.1 431 |$)/);
    expect(seen).toEqual([]);
  });
});

describe('a request that two servers could read in two ways', () => {
  const smuggled = 'GET /api/v1/items/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  test.each([
    ['both framings', ['Content-Length: 4', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    [
      'both framings, the other way round',
      ['Transfer-Encoding: chunked', 'Content-Length: 4'],
      `0\r\n\r\n${smuggled}`,
    ],
    ['two lengths', ['Content-Length: 0', 'Content-Length: 50'], smuggled],
    ['two lengths in one', ['Content-Length: 0, 50'], smuggled],
    ['a negative length', ['Content-Length: -1'], smuggled],
    ['a length with a sign', ['Content-Length: +5'], 'hello'],
    ['a length in hex', ['Content-Length: 0x5'], 'hello'],
    ['an unknown coding', ['Transfer-Encoding: cow'], smuggled],
    ['chunked not last', ['Transfer-Encoding: chunked, identity'], smuggled],
    ['a space before the colon', ['Transfer-Encoding : chunked'], `0\r\n\r\n${smuggled}`],
    ['a folded header', ['X-A: b', ' Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['a bare line feed', ['X-A: b\nTransfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`],
    ['a bare carriage return', ['X-A: b\rContent-Length: 5'], 'hello'],
    ['a chunk size that is none', ['Transfer-Encoding: chunked'], `zz\r\n${smuggled}`],
    ['a NUL in a header', ['X-A: b\0c'], ''],
  ])('given %s, then it is a 400 and the rest is not read as a request', async (_what, headers, rest) => {
    const answer = await send(lines(...POST, ...headers) + rest);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(seen.join()).not.toContain('smuggled');
  });
});

test('given chunks in HTTP/1.0, which has none, then the connection ends after the answer', async () => {
  const head = ['Host: a', 'Connection: keep-alive', 'Transfer-Encoding: chunked'];
  const next = lines('GET /api/v1/items/next HTTP/1.1', 'Host: a', 'Connection: close');
  const answer = await send(`${lines('POST /api/v1/items HTTP/1.0', ...head)}0\r\n\r\n${next}`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(seen).toEqual(['POST /api/v1/items']);
});

describe('bytes that are not HTTP', () => {
  test.each([
    '\0\0\0\0',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'hello\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ])('given %j, then the connection ends with a 400', async (bytes) => {
    expect(await send(bytes)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });

  test('given no Host, then it is a 400', async () => {
    expect(await send(lines('GET /api/v1/items HTTP/1.1', 'Connection: close'))).toMatch(/^HTTP\/1\.1 400 /);
    expect(seen).toEqual([]);
  });

  test('given CONNECT, then it is refused and the connection ends', async () => {
    const answer = await send(lines('CONNECT evil.example:443 HTTP/1.1', 'Host: a'));
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).toContain('{"detail":"Method Not Allowed"}');
  });

  test('given no Host, then it is refused in the shape of the API', async () => {
    const answer = await send(lines('GET /api/v1/utils/health-check/ HTTP/1.1'));
    expect(answer).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*X-Request-Id: [\s\S]*{"detail":"Bad Request"}$/,
    );
  });

  test('given a whole address as target, then its path counts', async () => {
    const target = 'http://any.example/api/v1/utils/health-check/';
    const answer = await send(lines(`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*true$/);
  });

  test('given the prefix in capitals, then 404', async () => {
    const answer = await send(
      lines('GET /API/V1/utils/health-check/ HTTP/1.1', 'Host: a', 'Connection: close'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });
});

describe('an attempt to add a header', () => {
  test('given a line break in the target or the request id, then nothing is added', async () => {
    const target = '/api/v1/items/%0d%0aX-Injected:%20yes';
    const answer = await send(
      lines(`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close', 'X-Request-Id: a%0d%0aX-Injected: yes'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(answer).not.toMatch(/^X-Injected/im);
    expect(seen).toEqual([`GET ${target}`]);
  });
});

test('given a caller that disconnects in the middle of its headers, then nothing happens', async () => {
  const raw = await openRaw(all.gateway.url);
  raw.write('GET /api/v1/items HTTP/1.1\r\nHost: a\r\nX-Half');
  raw.socket.resetAndDestroy();
  await raw.closed;
  expect(seen).toEqual([]);
});
