import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Client, createClient } from '../../../../../tests/support/client.ts';
import { createLog } from '../../process/logging.ts';
import { createApp } from '../app.ts';
import { type HttpServer, listen } from '../server/server.ts';
import { BODY_LIMIT, readForm } from './body.ts';

let server: HttpServer;
let client: Client;

beforeAll(async () => {
  const app = createApp({
    log: createLog('test', 'silent'),
    handlers: [['/form', async (req, res) => void res.json(await readForm(req))]],
  });
  server = await listen(app, '127.0.0.1', 0);
  client = createClient(`http://127.0.0.1:${server.port}`);
});
afterAll(() => server.drain());

describe('a form', () => {
  const form = (raw: string, type = 'application/x-www-form-urlencoded') =>
    client('POST', '/form', { raw, headers: { 'content-type': type } });

  test.each([
    ['a=1&b=x+y%20z', { a: '1', b: 'x y z' }],
    ['a=1&a=2', { a: '2' }],
    ['a=&b', {}],
    ['a=1&a=', { a: '1' }],
    ['a[$gt]=1', { 'a[$gt]': '1' }],
    ['', {}],
  ])('given %s, then the fields are %j', async (raw, fields) => {
    expect((await form(raw)).body).toEqual(fields);
  });

  test('given __proto__, then it is a field like any other', async () => {
    expect((await form('__proto__=1')).text).toBe('{"__proto__":"1"}');
  });

  test('given another media type, then it has no fields', async () => {
    expect((await form('a=1', 'text/plain')).body).toEqual({});
  });
});

describe('a multipart form', () => {
  const part = (name: string, value: string, more = '') =>
    `--X\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
  const form = async (raw: string | Uint8Array, type = 'multipart/form-data; boundary=X') => {
    const answer = await client('POST', '/form', { raw, headers: { 'content-type': type } });
    return answer.body;
  };
  const END = '--X--\r\n';

  test.each([
    'X',
    'aX',
    'a--X',
    'a--X--',
    'a--Xb',
    '-X',
    'a\r\nX',
    'a\n--X',
    'a\r--X',
    'a\r\n-X',
    'a\r\n --X',
    'a\r\n\r\n-',
    '\r\n',
  ])('given the boundary’s text within a value as in %j, then the value is whole', async (value) => {
    expect(await form(part('a', value) + part('b', 'X') + END)).toEqual({ a: value, b: 'X' });
  });

  test.each([
    ['text before the first part', `hello\r\n${part('a', '1')}${END}`, { a: '1' }],
    ['text before it that looks like one', `hello --X you\r\n${part('a', '1')}${END}`, { a: '1' }],
    ['text after the last part', `${part('a', '1')}${END}bye\r\n${part('b', '2')}`, { a: '1' }],
    ['no line break at its end', `${part('a', '1')}--X--`, { a: '1' }],
    ['an empty value', part('a', '') + part('b', '1') + END, { b: '1' }],
    ['a name twice', part('a', '1') + part('a', '2') + END, { a: '2' }],
    ['__proto__', part('__proto__', '1') + END, Object.fromEntries([['__proto__', '1']])],
    ['no form-data', part('a', '1').replace('form-data', 'attachment') + part('b', '1') + END, { b: '1' }],
    ['a part without a name', part('a', '1').replace('; name="a"', '') + part('b', '1') + END, { b: '1' }],
    ['a name without quotes', part('a', '1').replace('"a"', 'a') + END, { a: '1' }],
    ['other letters', part('a', '1').replace('Content-Disposition', 'CONTENT-disposition') + END, { a: '1' }],
    ['a folded header', part('a', '1').replace('form-data; name', 'form-data;\r\n name') + END, { a: '1' }],
    ['a file', part('a', '1', '; filename="f"') + part('b', '1') + END, { b: '1' }],
    ['only its end', END, {}],
    ['no end', part('a', '1') + part('b', '2'), {}],
    ['a part that is cut off', part('a', '1') + part('b', '2').slice(0, -30), {}],
    ['line feeds alone', (part('a', '1') + END).replaceAll('\r\n', '\n'), {}],
    ['nothing', '', {}],
  ])('given %s, then its fields are read', async (_what, raw, fields) => {
    expect(await form(raw)).toEqual(fields);
  });

  test.each([
    'multipart/form-data; boundary="X"',
    'Multipart/Form-Data;BOUNDARY=X',
    'multipart/form-data; charset=utf-8; boundary=X',
  ])('given it as %s, then its fields are read', async (type) => {
    expect(await form(part('a', '1') + END, type)).toEqual({ a: '1' });
  });

  test.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary=Y',
    `multipart/form-data; boundary=${'X'.repeat(3_000)}`,
  ])('given it as %s, then it has no fields', async (type) => {
    expect(await form(part('a', '1') + END, type)).toEqual({});
  });

  test('given text of all languages, or bytes that are not text, then it is read as UTF-8', async () => {
    expect(await form(part('a', 'zürich ☃ 𝒳') + END)).toEqual({ a: 'zürich ☃ 𝒳' });
    const [before = '', after = ''] = (part('a', '?') + END).split('?');
    expect(await form(Buffer.from(`${before}\xff${after}`, 'latin1'))).toEqual({ a: '\ufffd' });
  });

  test('given as many parts as a body can hold, then all are read', async () => {
    const count = Math.floor(BODY_LIMIT / part('f1000', '1').length) - 1;
    const raw = Array.from({ length: count }, (_, at) => part(`f${at}`, '1')).join('') + END;
    expect(Object.keys(z.record(z.string(), z.string()).parse(await form(raw)))).toHaveLength(count);
  });
});
