import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { openRaw } from '../../../../tests/support/raw-http.ts';

const LIMIT = 100_000;
const MEGABYTES_10 = 10_000_000;
const TOO_LARGE = JSON.stringify({ detail: 'Request body too large' });

const { gateway, admin: token } = await allServicesFixture();

/** A JSON body of exactly so many bytes, most of them in a field that is ignored. */
function bodyOf(bytes: number): string {
  const frame = JSON.stringify({ title: 'x', filler: '' });
  return JSON.stringify({ title: 'x', filler: 'f'.repeat(bytes - frame.length) });
}

/** Sends without a length, as one who does not know it yet. */
async function sendChunked(body: string): Promise<{ status: number | undefined; text: string }> {
  const upload = request(`${gateway.url}/api/v1/items/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  for (let at = 0; at < body.length; at += 50_000) upload.write(body.slice(at, at + 50_000));
  upload.end();
  const [answer] = (await once(upload, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, text: (await answer.toArray()).join('') };
}

describe('a body up to the limit', () => {
  test('given exactly 100,000 bytes, then it is accepted with and without a length', async () => {
    const body = bodyOf(LIMIT);
    expect(Buffer.byteLength(body)).toBe(LIMIT);
    const headers = { 'content-type': 'application/json' };
    expect((await gateway.client('POST', '/items/', { token, raw: body, headers })).status).toBe(200);
    expect((await sendChunked(body)).status).toBe(200);
  });
});

describe.each([LIMIT + 1, MEGABYTES_10])('a body of %i bytes', (bytes) => {
  test('given its length, then the caller gets a 413', async () => {
    const answer = await gateway.client('POST', '/items/', { token, raw: bodyOf(bytes) });
    expect(answer.status).toBe(413);
    expect(answer.text).toBe(TOO_LARGE);
    expect(answer.headers.get('x-request-id')).toBeTruthy();
  });

  test('given chunks, then the caller gets a 413', async () => {
    expect(await sendChunked(bodyOf(bytes))).toEqual({ status: 413, text: TOO_LARGE });
  });

  test('given no token, then the caller gets a 401 first', async () => {
    expect((await gateway.client('POST', '/items/', { raw: bodyOf(bytes) })).status).toBe(401);
  });

  test('given a malformed id in the path, then the caller gets a 400 first', async () => {
    const answer = await gateway.client('PUT', '/items/no-id', { token, raw: bodyOf(bytes) });
    expect(answer).toMatchObject({ status: 400, body: { detail: 'Invalid item ID format' } });
  });

  test('given a form, then the caller gets a 413', async () => {
    const form = { username: 'x'.repeat(bytes), password: 'y' };
    expect((await gateway.client('POST', '/login/access-token', { form })).status).toBe(413);
  });

  test('given a route that reads no body, then the caller gets a 413', async () => {
    const answer = await gateway.client('POST', '/login/test-token', { token, raw: bodyOf(bytes) });
    expect(answer.status).toBe(413);
  });
});

/** Writes all of it before it reads a byte, and then asks something else on the same connection. */
describe('a simple client, which sends all before it reads', () => {
  test.each([
    ['a length', (body: string) => [`Content-Length: ${body.length}`, body]],
    [
      'chunks',
      (body: string) => ['Transfer-Encoding: chunked', `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`],
    ],
  ])('given 10 MB with %s, then it gets a 413, and its next request works', async (_how, frame) => {
    const raw = await openRaw(gateway.url);
    raw.socket.pause();
    const [framing, body] = frame(bodyOf(MEGABYTES_10));
    const head = `POST /api/v1/items/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n${framing}\r\n\r\n`;
    await new Promise<void>((resolve) => raw.socket.write(`${head}${body}`, 'latin1', () => resolve()));
    raw.socket.resume();
    await expect.poll(raw.received, { timeout: 10_000 }).toContain(TOO_LARGE);
    expect(raw.received()).toMatch(/^HTTP\/1\.1 413 /);
    raw.write('GET /api/v1/utils/health-check/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await raw.closed;
    expect(raw.received()).toMatch(/HTTP\/1\.1 200 OK[\s\S]*true$/);
  });
});

test('given chunks that are too many for a route that reads no body, then a 413 and no effect', async () => {
  const chunk = bodyOf(100_001);
  const raw = await openRaw(gateway.url);
  raw.write(
    `DELETE /api/v1/users/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`,
  );
  await raw.closed;
  expect(raw.received()).toMatch(/^HTTP\/1\.1 413 /);
  expect((await gateway.client('GET', '/users/me', { token })).status).toBe(200);
});

describe('Expect: 100-continue', () => {
  test('when a body is announced, then the gateway asks for it and accepts it', async () => {
    const raw = await openRaw(gateway.url);
    const body = JSON.stringify({ title: 'continued' });
    raw.write(
      `POST /api/v1/items/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n` +
        `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await expect.poll(raw.received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    raw.write(body);
    await raw.closed;
    expect(raw.received()).toMatch(/HTTP\/1\.1 200 OK[\s\S]*"title":"continued"/);
  });
});
