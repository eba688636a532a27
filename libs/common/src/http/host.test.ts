import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchangeRaw, lines } from '../../../../tests/support/raw-http.ts';
import { type HttpServer, listen } from './server/server.ts';

let server: HttpServer;
const echo: RequestListener = (req, res) => void res.end(`${req.headers.host} ${req.url}`);

beforeAll(async () => {
  server = await listen(echo, '127.0.0.1', 0);
});
afterAll(() => server.drain());

const send = (first: string, ...headers: string[]) =>
  exchangeRaw(`http://127.0.0.1:${server.port}`, lines(first, ...headers, 'Connection: close'));
const bodyOf = (answer: string) => answer.split('\r\n\r\n')[1];
const REFUSED = /^HTTP\/1\.1 400 [\s\S]*X-Request-Id: [\s\S]*\{"detail":"Bad Request"\}$/;

describe('the Host of a request', () => {
  test.each([
    'a',
    'API.Example.com',
    'api.example.com:8000',
    'api.example.com.',
    'my_service:80',
    'a:',
    'a:65535',
    '127.0.0.1',
    '[::1]',
    '[2001:db8::1]:8000',
    'xn--zrich-kva.example',
    'z%C3%BCrich.example',
    '  padded  ',
  ])('given %j, then it is accepted', async (host) => {
    expect(bodyOf(await send('GET /x HTTP/1.1', `Host: ${host}`))).toBe(`${host.trim()} /x`);
  });

  test.each([
    '',
    ' ',
    'a b',
    'a\tb',
    'a, b',
    'user@a',
    'user:secret@a',
    'a/path',
    'a?query',
    'a#fragment',
    'http://a',
    'a\\b',
    'a:b',
    'a:80:80',
    'a:-1',
    'a:+80',
    'a:65536',
    'a:8000000',
    ':80',
    '::1',
    '[::1',
    '[::1]x',
    '[::g]',
    '[]',
    '[fe80::1%eth0]',
    '[127.0.0.1]',
    'a%zz',
    'z\u00fcrich.example',
    '<script>',
    'a"b',
    'a|b',
    'a\x7f',
  ])('given %j, then it is a 400', async (host) => {
    expect(await send('GET /x HTTP/1.1', `Host: ${host}`)).toMatch(REFUSED);
  });

  test.each([
    ['two', ['Host: a', 'Host: b']],
    ['two that are equal', ['Host: a', 'Host: a']],
    ['two in other letters', ['Host: a', 'X: y', 'HOST: a']],
    ['three', ['Host: a', 'Host: a', 'Host: a']],
    ['one and an empty one', ['Host: a', 'Host:']],
    ['none', []],
  ])('given %s, then it is a 400', async (_how, headers) => {
    expect(await send('GET /x HTTP/1.1', ...headers)).toMatch(REFUSED);
  });

  test('given HTTP/1.0, then no Host is needed, but an invalid one or two of them are a 400', async () => {
    expect(bodyOf(await send('GET /x HTTP/1.0'))).toBe('undefined /x');
    expect(await send('GET /x HTTP/1.0', 'Host: a b')).toMatch(REFUSED);
    expect(await send('GET /x HTTP/1.0', 'Host: a', 'Host: a')).toMatch(REFUSED);
  });

  test.each(['POST', 'PUT', 'OPTIONS', 'HEAD', 'DELETE'])(
    'given a %s with two Hosts, then it is a 400',
    async (method) => {
      expect(await send(`${method} /x HTTP/1.1`, 'Host: a', 'Host: b', 'Content-Length: 0')).toMatch(REFUSED);
    },
  );

  test('given 10 MB behind an invalid Host, then a caller that sends everything before it reads gets its 400', async () => {
    const body = 'x'.repeat(10_000_000);
    const head = lines('POST /x HTTP/1.1', 'Host: a b', `Content-Length: ${body.length}`);
    expect(await exchangeRaw(`http://127.0.0.1:${server.port}`, head + body)).toMatch(REFUSED);
  });
});

describe('a whole address as target', () => {
  test.each([
    ['http://b/path?q=1', 'b /path?q=1'],
    ['HTTP://b/path', 'b /path'],
    ['hTTpS://B:443/path', 'B:443 /path'],
    ['http://b', 'b /'],
    ['http://b?q=1', 'b /?q=1'],
    ['http://[::1]:80/path', '[::1]:80 /path'],
  ])('given %s, then its host and path are used', async (target, seen) => {
    expect(bodyOf(await send(`GET ${target} HTTP/1.1`, 'Host: a'))).toBe(seen);
  });

  test.each([
    'http:///path',
    'HTTP://user@b/path',
    'http://user:secret@b/',
    'http://b:x/path',
    'http://b:65536/',
  ])('given %s, then it is a 400', async (target) => {
    expect(await send(`GET ${target} HTTP/1.1`, 'Host: a')).toMatch(REFUSED);
  });

  test('given no Host beside it, or an invalid one, then it is still a 400', async () => {
    expect(await send('GET http://b/path HTTP/1.1')).toMatch(REFUSED);
    expect(await send('GET http://b/path HTTP/1.1', 'Host: a b')).toMatch(REFUSED);
  });

  test('given a path that only looks like a whole address, then it is unchanged', async () => {
    expect(bodyOf(await send('GET /http://b/path HTTP/1.1', 'Host: a'))).toBe('a /http://b/path');
  });
});
