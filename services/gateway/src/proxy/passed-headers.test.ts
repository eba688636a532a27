import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { gatewayFixture } from '../../../../tests/support/fixtures.ts';
import { exchangeRaw, lines } from '../../../../tests/support/raw-http.ts';

let seen: IncomingMessage;
let behaviour: (res: ServerResponse) => void;

const all = await gatewayFixture((req, res) => {
  seen = req;
  behaviour(res);
});
beforeEach(() => {
  behaviour = (res) => void res.end('ok');
});

const ask = (...headers: string[]) =>
  exchangeRaw(all.gateway.url, lines('GET /api/v1/items HTTP/1.1', 'Host: api.example', ...headers));

/** Values of a header in a raw answer. */
const valuesOf = (answer: string, name: string): string[] =>
  [...answer.matchAll(new RegExp(`^${name}: (.*)\r$`, 'gim'))].map(([, value]) => value ?? '');

describe('headers of one connection only', () => {
  test('given them in a request, then the service does not see them', async () => {
    await ask(
      'Connection: close, X-Private, keep-alive',
      'X-Private: mine',
      'X-Public: ours',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Trailer: X-Sum',
      'Upgrade: websocket',
      'Proxy-Authorization: Basic abc',
      'Proxy-Connection: keep-alive',
    );
    expect(seen.headers['x-public']).toBe('ours');
    for (const name of [
      'x-private',
      'keep-alive',
      'te',
      'trailer',
      'upgrade',
      'proxy-authorization',
      'proxy-connection',
    ]) {
      expect(seen.headers).not.toHaveProperty(name);
    }
    expect(seen.headers.connection).toBe('keep-alive');
  });

  test('given them in an answer, then the caller does not see them', async () => {
    behaviour = (res) => {
      res.setHeader('Connection', 'keep-alive, X-Private');
      res.setHeader('X-Private', 'mine');
      res.setHeader('X-Public', 'ours');
      res.setHeader('Keep-Alive', 'timeout=7');
      res.setHeader('Proxy-Authenticate', 'Basic');
      res.end('ok');
    };
    const answer = await ask('Connection: close');
    expect(valuesOf(answer, 'X-Public')).toEqual(['ours']);
    expect(valuesOf(answer, 'Connection')).toEqual(['close']);
    for (const name of ['X-Private', 'Keep-Alive', 'Proxy-Authenticate'])
      expect(valuesOf(answer, name)).toEqual([]);
  });

  test('given a caller that names Content-Length as such, then the body still arrives whole', async () => {
    const body: string[] = [];
    behaviour = async (res) => {
      for await (const chunk of seen) body.push(String(chunk));
      res.end('ok');
    };
    const head = ['Host: a', 'Connection: close, content-length', 'Content-Length: 5'];
    const answer = await exchangeRaw(
      all.gateway.url,
      `${lines('POST /api/v1/items HTTP/1.1', ...head)}hello`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(body.join('')).toBe('hello');
  });
});

describe('X-Request-Id', () => {
  test.each(['abc', 'A-z_0.9', 'x'.repeat(128)])(
    'given %s, then it is passed on and answered once',
    async (id) => {
      behaviour = (res) => void res.setHeader('X-Request-Id', 'of the service').end();
      const answer = await ask('Connection: close', `X-Request-Id: ${id}`);
      expect(seen.headers['x-request-id']).toBe(id);
      expect(valuesOf(answer, 'X-Request-Id')).toEqual([id]);
    },
  );

  test.each(['', 'x'.repeat(129), 'a b', 'a,b', 'a"b', 'é'])(
    'given %j, then a new one replaces it',
    async (id) => {
      const answer = await ask('Connection: close', `X-Request-Id: ${id}`);
      const [made] = valuesOf(answer, 'X-Request-Id');
      expect(made).toMatch(/^[\w.-]{1,128}$/);
      expect(made).not.toBe(id);
      expect(seen.headers['x-request-id']).toBe(made);
    },
  );

  test('given two of them, then a new one replaces them', async () => {
    const answer = await ask('Connection: close', 'X-Request-Id: one', 'X-Request-Id: two');
    expect(valuesOf(answer, 'X-Request-Id')).toHaveLength(1);
    expect(valuesOf(answer, 'X-Request-Id')[0]).not.toMatch(/one|two/);
  });

  test('when an answer is an error of the gateway, then it has one too', async () => {
    const { headers } = await all.gateway.client('GET', '/nothing', { headers: { 'x-request-id': 'mine' } });
    expect(headers.get('x-request-id')).toBe('mine');
  });
});

describe('everything else', () => {
  test('given a trace, a query and various headers, then they are passed on unchanged', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await exchangeRaw(
      all.gateway.url,
      lines(
        'GET /api/v1/items/%C3%A4%2F?q=a%20b&q=%zz HTTP/1.1',
        'Host: a',
        'Connection: close',
        `traceparent: ${traceparent}`,
        'Cookie: a=1',
        'Cookie: b=2',
        'X-Latin: caf\xe9',
        '__proto__: x',
      ),
    );
    expect(seen.url).toBe('/api/v1/items/%C3%A4%2F?q=a%20b&q=%zz');
    expect(seen.headers.traceparent).toBe(traceparent);
    expect(seen.headers.cookie).toBe('a=1; b=2');
    expect(seen.headers['x-latin']).toBe('caf\xe9');
    expect(seen.headers.host).toBe(new URL(all.items.url).host);
  });

  test('given an answer with repeated and non-ASCII headers, then they arrive unchanged', async () => {
    behaviour = (res) => {
      res.setHeader('Set-Cookie', ['a=1', 'b=2']);
      res.setHeader('Subject', Buffer.from('Ünï ☃').toString('latin1'));
      res.setHeader('Vary', ['Accept', 'Accept-Language']);
      // A Buffer, because Node writes the headers in the encoding of a string that comes with them.
      res.writeHead(418).end(Buffer.from('short and stout'));
    };
    const answer = await ask('Connection: close');
    expect(answer).toMatch(/^HTTP\/1\.1 418 /);
    expect(valuesOf(answer, 'Set-Cookie')).toEqual(['a=1', 'b=2']);
    expect(Buffer.from(valuesOf(answer, 'Subject')[0] ?? '', 'latin1').toString()).toBe('Ünï ☃');
    expect(valuesOf(answer, 'Vary').join(', ')).toBe('Origin, Accept, Accept-Language');
    expect(valuesOf(answer, 'X-Powered-By')).toEqual([]);
  });

  test('given an interim answer, then the caller gets only the final one', async () => {
    behaviour = (res) => res.writeEarlyHints({ link: '</a>; rel=preload' }, () => res.end('final'));
    const answer = await ask('Connection: close');
    expect(answer).toMatch(/HTTP\/1\.1 200 OK[\s\S]*final/);
  });

  test.each(['GET', 'POST', 'DELETE'])(
    'given a %s with a body, then service and gateway still agree where the next request begins',
    async (method) => {
      const bodies: string[] = [];
      behaviour = async (res) => {
        let body = '';
        for await (const chunk of seen) body += String(chunk);
        bodies.push(`${seen.method} ${body}`);
        res.end(body);
      };
      const head = [`${method} /api/v1/items HTTP/1.1`, 'Host: a', 'Content-Length: 24'];
      const last = lines('GET /api/v1/items HTTP/1.1', 'Host: a', 'Connection: close');
      const answer = await exchangeRaw(all.gateway.url, `${lines(...head)}GET /smuggled HTTP/1.1\r\n${last}`);
      expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
      expect(bodies.toSorted()).toEqual(['GET ', `${method} GET /smuggled HTTP/1.1\r\n`].toSorted());
    },
  );
});
