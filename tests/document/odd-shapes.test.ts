import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Call } from '../support/client.ts';
import { leastCpuMs } from '../support/cpu-time.ts';
import { type Running, runAuth } from '../support/services.ts';
import { startTestbed, type Testbed } from '../support/testbed.ts';

const IN_BODY = 99_000;
const IN_HEADER = 14_000;
const TIMES = 30;
const AT_LEAST_MS = 200;

let bed: Testbed;
let auth: Running;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runAuth(bed, { TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' });
});
afterAll(() => bed.stop());

const send = (path: string, call: Call) => auth.client('POST', path, call);
const json = { 'content-type': 'application/json' };
const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
const fill = (part: string, size: number) => part.repeat(Math.floor(size / part.length));
const numbered = (make: (n: number) => string, size: number) => {
  const parts: string[] = [];
  for (let n = 0, length = 0; length + make(n).length < size; n += 1)
    length += (parts[parts.push(make(n)) - 1] ?? '').length;
  return parts.join('');
};
const part = (head: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;

const bodies: [string, string, Call][] = [
  [
    'JSON of many unknown names',
    '/users/signup',
    { raw: `{${numbered((n) => `"${n}":0,`, IN_BODY)}"":0}`, headers: json },
  ],
  [
    'JSON that is deep just below the limit',
    '/users/signup',
    { raw: `[${fill(`${'['.repeat(31)}${']'.repeat(31)},`, IN_BODY)}0]`, headers: json },
  ],
  ['JSON that is too deep', '/users/signup', { raw: '['.repeat(IN_BODY), headers: json }],
  [
    'JSON with a text of escapes that does not end',
    '/users/signup',
    { raw: `{"a":"${fill('\\n', IN_BODY)}`, headers: json },
  ],
  [
    'JSON with a text of half pairs that does not end',
    '/users/signup',
    { raw: `{"a":"${fill('\\ud800', IN_BODY)}`, headers: json },
  ],
  [
    'JSON with a number that ends in none',
    '/users/signup',
    { raw: `{"a":${'1'.repeat(IN_BODY)}x`, headers: json },
  ],
  ['JSON of white space', '/users/signup', { raw: ' '.repeat(IN_BODY), headers: json }],
  [
    'what is no JSON',
    '/users/signup',
    { raw: '\u0001'.repeat(IN_BODY), headers: { 'content-type': 'text/plain' } },
  ],
  [
    'a form of many fields',
    '/login/access-token',
    { raw: numbered((n) => `${n}=&`, IN_BODY), headers: urlencoded },
  ],
  [
    'a form of one field many times',
    '/login/access-token',
    { raw: fill('a=1&', IN_BODY), headers: urlencoded },
  ],
  [
    'a form of broken escapes',
    '/login/access-token',
    { raw: `username=${'%'.repeat(IN_BODY)}`, headers: urlencoded },
  ],
  [
    'a form of many parts',
    '/login/access-token',
    { raw: `${numbered((n) => part(`name="${n}"`, ''), IN_BODY)}--b--`, headers: multipart },
  ],
  [
    'a form with one part’s long header',
    '/login/access-token',
    { raw: `${part(`name="${'a'.repeat(IN_BODY - 100)}"`, '')}--b--`, headers: multipart },
  ],
  [
    'a form with a header of many parameters',
    '/login/access-token',
    { raw: `${part(fill('a="\\"";', IN_BODY - 100), '')}--b--`, headers: multipart },
  ],
  [
    'a form of boundaries that are none',
    '/login/access-token',
    { raw: fill('\r\n--', IN_BODY), headers: multipart },
  ],
];

const headers: [string, Record<string, string>][] = [
  ['a chain of trusted proxies', { 'x-forwarded-for': fill('10.0.0.1, ', IN_HEADER).slice(0, -2) }],
  ['a chain of what are no addresses', { 'x-forwarded-for': fill('[,', IN_HEADER) }],
  ['a chain of long addresses', { 'x-forwarded-for': fill('[::ffff:10.0.0.1]:1, ', IN_HEADER).slice(0, -2) }],
  ['a token of dots', { authorization: `Bearer ${'.'.repeat(IN_HEADER)}` }],
  ['a token of spaces', { authorization: `Bearer ${' '.repeat(IN_HEADER)}x` }],
  ['a request’s id', { 'x-request-id': '.'.repeat(IN_HEADER) }],
  ['a trace', { traceparent: `00-${'a'.repeat(IN_HEADER)}` }],
  ['a content type', { 'content-type': `application/${'a+'.repeat(IN_HEADER / 2)}json` }],
  ['a boundary', { 'content-type': `multipart/form-data; ${fill('boundary="', IN_HEADER)}` }],
];

async function expectCheap(plain: () => Promise<unknown>, odd: () => Promise<unknown>): Promise<void> {
  const harmless = await leastCpuMs(plain, (ms) => ms < 10);
  const bound = Math.max(TIMES * harmless, AT_LEAST_MS);
  expect(await leastCpuMs(odd, (ms) => ms < bound)).toBeLessThan(bound);
}

describe('given a request of an unusual shape', () => {
  test.each(bodies)(
    'when it has %s, then it costs what a plain one of its size costs',
    async (_what, path, call) => {
      const plain = { raw: `{"a":"${'x'.repeat(IN_BODY)}"}`, headers: json };
      expect((await send(path, call)).status).toBe(422);
      await expectCheap(
        () => send('/users/signup', plain),
        () => send(path, call),
      );
    },
  );

  test.each(headers)(
    'when it has %s, then it costs what a plain one of its size costs',
    async (_what, given) => {
      const form = { username: 'nobody@example.com', password: 'wrong pass' };
      const body = given['content-type'] ? { raw: 'x' } : { form };
      await expectCheap(
        () => send('/login/access-token', { form, headers: { 'x-other': 'x'.repeat(IN_HEADER) } }),
        () => send('/login/access-token', { ...body, headers: given }),
      );
    },
  );
});
