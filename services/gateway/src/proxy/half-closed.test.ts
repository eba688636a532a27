import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { ADMIN } from '../../../../tests/support/client.ts';
import { gatewayFixture } from '../../../../tests/support/fixtures.ts';
import { lines, openRaw } from '../../../../tests/support/raw-http.ts';

/** The requests that the service behind the gateway has not answered yet. */
let unanswered: ServerResponse[];

const all = await gatewayFixture((req, res) => {
  req.resume().once('end', () => unanswered.push(res));
});
beforeEach(() => {
  unanswered = [];
});

const item = `${lines('POST /api/v1/items HTTP/1.1', 'Host: a', 'Content-Length: 4')}item`;
const STATUS = /HTTP\/1\.1 (\d+)/g;
const statuses = (text: string) => [...text.matchAll(STATUS)].map(([, status]) => Number(status));

describe('given a caller that half-closes', () => {
  test.each(['POST', 'GET'])(
    'when a service still processes its %s, then it gets the answer',
    async (method) => {
      const raw = await openRaw(all.gateway.url);
      raw.socket.end(method === 'POST' ? item : lines('GET /api/v1/items HTTP/1.1', 'Host: a'));
      await expect.poll(() => unanswered.length).toBe(1);
      unanswered[0]?.end('made');
      await raw.closed;
      expect(raw.received()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*made/);
    },
  );

  test.each([
    ['through the gateway', () => all.gateway.url],
    ['past it', () => all.auth.url],
  ])('when it logs in %s, then it gets its token', async (_how, urlOf) => {
    const form = new URLSearchParams({ username: ADMIN.email, password: ADMIN.password }).toString();
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const head = [
      'POST /api/v1/login/access-token HTTP/1.1',
      'Host: a',
      type,
      `Content-Length: ${form.length}`,
    ];
    const raw = await openRaw(urlOf());
    raw.socket.end(lines(...head) + form);
    await raw.closed;
    expect(raw.received()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*"access_token":"/);
  });
});

describe('given too many bytes after a POST that a service carries out', () => {
  test.each([
    ['no request', `${item}and more\r\n\r\n`],
    ['of its body', `${item}item\r\n\r\n`],
    ['a request without a Host', item + lines('GET /api/v1/items HTTP/1.1')],
    ['a request with two', item + lines('GET /api/v1/items HTTP/1.1', 'Host: a', 'Host: b')],
    ['half a request', `${item}GET /api/v1/it`],
  ])('when they are %s, then its own answer comes first, then the 400', async (_what, text) => {
    const raw = await openRaw(all.gateway.url);
    raw.socket.end(text);
    await expect.poll(() => unanswered.length).toBe(1);
    unanswered[0]?.writeHead(201).end('made');
    await raw.closed;
    expect(statuses(raw.received())).toEqual([201, 400]);
    expect(raw.received()).toMatch(/made[\s\S]*\{"detail":"Bad Request"\}$/);
    expect(unanswered).toHaveLength(1);
  });

  test('when the service dies before it answers, then a 503 comes first', async () => {
    const raw = await openRaw(all.gateway.url);
    raw.write(`${item}and more\r\n\r\n`);
    await expect.poll(() => unanswered.length).toBe(1);
    unanswered[0]?.destroy();
    await raw.closed;
    expect(statuses(raw.received())).toEqual([503, 400]);
  });
});

test('given a whole address as target in capitals, then its path counts, and the service gets its host', async () => {
  const raw = await openRaw(all.gateway.url);
  raw.socket.end(lines('GET HTTP://Api.example.com:8000/api/v1/items?q=1 HTTP/1.1', 'Host: a'));
  await expect.poll(() => unanswered.length).toBe(1);
  const { req } = unanswered[0] ?? expect.fail();
  expect(req.url).toBe('/api/v1/items?q=1');
  expect(req.headers['x-forwarded-host']).toBe('Api.example.com:8000');
  unanswered[0]?.end();
  await raw.closed;
  expect(statuses(raw.received())).toEqual([200]);
});
