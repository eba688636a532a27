import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../../../../tests/support/client.ts';
import { createLog } from '../../process/logging.ts';
import { createApp } from '../app.ts';
import { type HttpServer, listen } from '../server/server.ts';
import { BODY_LIMIT, discardBody, readForm, readJsonObject, readQuery } from './body.ts';

let server: HttpServer;
let client: Client;

beforeAll(async () => {
  const app = createApp({
    log: createLog('test', 'silent'),
    handlers: [
      ['/json', async (req, res) => void res.json(await readJsonObject(req, false))],
      ['/form', async (req, res) => void res.json(await readForm(req))],
      ['/none', async (req, res) => void res.json((await discardBody(req)) ?? 'fine')],
    ],
  });
  server = await listen(app, '127.0.0.1', 0);
  client = createClient(`http://127.0.0.1:${server.port}`);
});
afterAll(() => server.drain());

const json = (raw: string | Uint8Array, type: string | undefined = 'application/json') =>
  client('POST', '/json', { raw, headers: type === '' ? {} : { 'content-type': type } });

const firstDetail = (body: unknown) => (body as { detail: unknown[] }).detail[0];

describe('a JSON body', () => {
  test.each(['application/json', 'Application/JSON; charset=utf-8', 'application/merge-patch+json'])(
    'given it as %s, then it is read',
    async (type) => {
      expect((await json('{"a": [1, "é"]}', type)).body).toEqual({ a: [1, 'é'] });
    },
  );

  test('given no content type, then it is read as JSON', async () => {
    // fetch names a type for text, but none for bytes.
    expect((await json(new TextEncoder().encode('{"a":1}'), '')).body).toEqual({ a: 1 });
  });

  // A page elsewhere may send it so without asking first, and a browser says where the page is from.
  test.each(['http://evil.example', 'http://localhost:5173', 'null', ''])(
    'given no content type and a page at %j, then it is refused as no object',
    async (origin) => {
      const raw = new TextEncoder().encode('{"a":1}');
      const unnamed: Record<string, string>[] = [
        {},
        { 'content-type': '' },
        { 'content-type': ';charset=utf-8' },
      ];
      for (const more of unnamed) {
        const { status, body } = await client('POST', '/json', { raw, headers: { origin, ...more } });
        expect(status).toBe(422);
        expect(firstDetail(body)).toMatchObject({ type: 'model_attributes_type', input: '{"a":1}' });
      }
      const headers = { origin, 'content-type': 'application/json' };
      expect((await client('POST', '/json', { raw, headers })).body).toEqual({ a: 1 });
    },
  );

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'multipart/form-data'])(
    'given it as %s, then it is refused as no object',
    async (type) => {
      const { status, body } = await json('{"a":1}', type);
      expect(status).toBe(422);
      expect(firstDetail(body)).toMatchObject({ type: 'model_attributes_type', input: '{"a":1}' });
    },
  );

  test.each(['', 'null', '  null '])('given %j, then the body counts as missing', async (raw) => {
    const { status, body } = await json(raw);
    expect(status).toBe(422);
    expect(body).toEqual({
      detail: [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }],
    });
  });

  test.each(['[]', '"text"', '5', 'true'])('given %s, then it is refused as no object', async (raw) => {
    const { body } = await json(raw);
    expect(firstDetail(body)).toMatchObject({ type: 'model_attributes_type', input: JSON.parse(raw) });
  });

  test('given a mistake, then its position is named', async () => {
    expect(firstDetail((await json('{"a": }')).body)).toMatchObject({
      type: 'json_invalid',
      loc: ['body', 6],
    });
  });

  test.each([
    ['an overlong encoding', [0xc0, 0xaf]],
    ['a cut-off character', [0xe2, 0x82]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('given %s, then it is refused as no UTF-8', async (_name, bytes) => {
    const raw = Uint8Array.from([
      ...new TextEncoder().encode('{"a":"'),
      ...bytes,
      ...new TextEncoder().encode('"}'),
    ]);
    expect(firstDetail((await json(raw)).body)).toMatchObject({
      type: 'json_invalid',
      loc: ['body', 6],
      ctx: { error: 'Invalid UTF-8' },
    });
  });
});

describe('the size of a body', () => {
  const padded = (size: number) => `{"a":"${'x'.repeat(size - 8)}"}`;

  test('given exactly the limit, then it is read', async () => {
    expect((await json(padded(BODY_LIMIT))).status).toBe(200);
  });

  test.each(['/json', '/form', '/none'])(
    'given one byte more at %s, then the answer is 413 and the next request works',
    async (path) => {
      const { status, body } = await client('POST', path, { raw: padded(BODY_LIMIT + 1) });
      expect({ status, body }).toEqual({ status: 413, body: { detail: 'Request body too large' } });
      expect((await json('{}')).status).toBe(200);
    },
  );

  test('given no declared length and too many bytes, then the answer is 413 while the caller still sends', async () => {
    const status = await new Promise((resolve, reject) => {
      const req = request({ port: server.port, host: '127.0.0.1', path: '/json', method: 'POST' }, (res) => {
        res.resume();
        req.destroy();
        resolve(res.statusCode);
      });
      req.on('error', reject);
      // Never ended: the answer must not wait for the rest.
      req.write(padded(BODY_LIMIT + 1));
    });
    expect(status).toBe(413);
  });
});

test.each([
  ['/x', {}],
  ['/x?', {}],
  ['/x?a=1&b=', { a: '1', b: '' }],
  ['/x?a=1&a=2', { a: '2' }],
  ['/x?a=%ff?b', { a: '\ufffd?b' }],
])('given the target %s, then its query is %j', (url, query) => {
  expect(readQuery(url)).toEqual(query);
});
