import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { logInAdmin, newMember } from '../support/accounts.ts';
import type { Answer, Client } from '../support/client.ts';
import { exchangeRaw, lines } from '../support/raw-http.ts';
import { type Running, runAllServices } from '../support/services.ts';
import { startTestbed, type Testbed } from '../support/testbed.ts';
import { operations } from './read-openapi.ts';

/** Input that attackers try at every API, sent to every route that the document lists. */

const ID_PATTERN = '^[0-9a-f]{24}$';
const at = (path: string) => path.replace('/api/v1', '');
/** A stream of events never ends. */
const ends = operations.filter(
  ({ responses }) => !('text/event-stream' in (responses['200']?.content ?? {})),
);
const withQuery = ends
  .map((it) => ({ ...it, query: it.parameters.filter((parameter) => parameter.in === 'query') }))
  .filter(({ query }) => query.length > 0);
const withId = operations.flatMap((it) =>
  it.parameters
    .filter((parameter) => parameter.in === 'path' && /(^|_)id$/.test(parameter.name))
    .map(({ name, schema }) => ({ ...it, parameter: name, isObjectId: schema.pattern === ID_PATTERN })),
);

let bed: Testbed;
let gateway: Running;
let client: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  ({ gateway } = await runAllServices(bed));
  client = gateway.client;
  admin = await logInAdmin(client);
  const { token } = await newMember(client);
  await client('POST', '/items/', { token, body: { title: 'a' } });
  await vi.waitUntil(async () => {
    const { body } = await client('GET', '/emails/', { token: admin });
    return listed.parse(body).count > 0;
  }, 10_000);
});
afterAll(() => bed.stop());

const plain = ({ status, body }: Answer) => ({ status, body });

const listed = z.object({ data: z.array(z.object({ id: z.string() })), count: z.int() });
const gist = ({ status, body }: Answer) => ({ status, body: listed.safeParse(body).data ?? body });

test('given the document, then it has routes of each kind', () => {
  expect(withQuery.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'users-read_users',
      'items-read_items',
      'emails-read_emails',
      'utils-test_email',
    ]),
  );
  expect(new Set(withId.map(({ isObjectId }) => isObjectId))).toEqual(new Set([true, false]));
});

describe.each(withQuery)('given the query of $method $path', ({ method, path, query }) => {
  const ask = (text: string) => client(method.toUpperCase(), `${at(path)}?${text}`, { token: admin });

  test.each([
    ['[$gt]', '1'],
    ['[$ne]', ''],
    ['[$where]', 'sleep(5000)'],
    ['[$regex]', '.*'],
    ['[$in][]', 'sent'],
    ['[]', '1'],
    ['[0]', '1'],
    ['.$gt', '1'],
    ['%5B%24gt%5D', '1'],
    ['[__proto__][x]', '1'],
    ['%00', '1'],
  ])('given an operator, as in name%s=%s, then it counts as an unknown name', async (operator, value) => {
    const without = gist(await ask(''));
    for (const { name } of query) expect(gist(await ask(`${name}${operator}=${value}`))).toEqual(without);
  });

  test.each(['{"$gt":1}', '[object Object]', '$where', '1;sleep(9)', '\u0000', 'x1x || 1==1'])(
    'given %j as value, then it is text, and not a number',
    async (value) => {
      for (const { name, schema } of query) {
        const { status, body } = await ask(`${name}=${encodeURIComponent(value)}`);
        if (schema.type !== 'string' || schema.enum || schema.format) {
          expect({ name, status }).toEqual({ name, status: 422 });
          expect(body).toMatchObject({ detail: [{ loc: ['query', name] }] });
        } else if (status < 400) expect(listed.parse(body)).toEqual({ data: [], count: 0 });
        else {
          const fits = typeof schema.pattern !== 'string' || new RegExp(schema.pattern).test(value);
          expect({ name, status }).toEqual({ name, status: fits ? 400 : 422 });
        }
      }
    },
  );

  test('given a name twice, then the last one counts', async () => {
    for (const { name } of query) {
      const [last, twice] = [await ask(`${name}=x`), await ask(`${name}=1&${name}=x`)];
      expect(gist(twice)).toEqual(gist(last));
    }
  });
});

describe.each(withId)(
  'given the {$parameter} of $method $path',
  ({ method, path, parameter, isObjectId, requestBody }) => {
    test.each([
      ['12 characters, which a driver takes for the bytes of an id', 'twelve-chars'],
      ['12 digits', '123456789012'],
      ['12 bytes of fewer characters', '%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9'],
      ['12 bytes of which some are none', '%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff'],
      ['12 NUL', '%00'.repeat(12)],
      ['a number', '12'],
      ['23 digits', 'a'.repeat(23)],
      ['25 digits', 'a'.repeat(25)],
      ['24 that are not hex', 'g'.repeat(24)],
      ['24 in capitals', 'A'.repeat(24)],
      ['24 full-width digits', encodeURIComponent('\uff11'.repeat(24))],
      ['a line feed behind it', `${'a'.repeat(24)}%0a`],
      ['an operator', '%7B%22$ne%22:1%7D'],
      ['an operator of a query', '[$ne]=1'],
      ['null', 'null'],
    ])('given %s, then it names nothing', async (_what, id) => {
      const body = requestBody && { body: {} };
      const answer = await client(method.toUpperCase(), at(path).replace(`{${parameter}}`, id), {
        token: admin,
        ...body,
      });
      if (isObjectId) {
        expect(answer.status).toBe(400);
        expect(answer.body).toEqual({ detail: expect.stringMatching(/^Invalid [a-z ]+ ID format$/) });
      } else {
        expect(answer.status).toBe(404);
        expect(answer.body).toEqual({ detail: expect.stringMatching(/^[A-Z][a-z ]+ not found$/) });
      }
    });
  },
);

describe('given a token that is too long', () => {
  const send = (...headers: string[]) =>
    exchangeRaw(
      gateway.url,
      lines('GET /api/v1/users/me HTTP/1.1', 'Host: a', ...headers, 'Connection: close'),
    );
  const TOO_LARGE =
    /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n[\s\S]*X-Request-Id: [\s\S]*\{"detail":"Request Header Fields Too Large"\}$/;
  const long = 'x'.repeat(100_000);

  test.each([
    ['as a bearer token', [`Authorization: Bearer ${long}`]],
    ['in three parts', [`Authorization: Bearer ${long}.${long}.${long}`]],
    ['as another scheme', [`Authorization: Basic ${long}`]],
    ['as a cookie', [`Cookie: token=${long}`]],
    ['in many headers', Array.from({ length: 100 }, (_, part) => `X-Part-${part}: ${'x'.repeat(1_000)}`)],
    ['as a name', [`${long}: x`]],
    ['as a request id', [`X-Request-Id: ${long}`]],
  ])('given 100 kB %s, then the gateway refuses it and continues to work', async (_how, headers) => {
    expect(await send(...headers)).toMatch(TOO_LARGE);
    expect((await client('GET', '/users/me', { token: admin })).status).toBe(200);
  });

  test.each([1_000, 8_000, 15_000])(
    'given %i bytes, which a header may have, then the token is invalid',
    async (length) => {
      const answer = await client('GET', '/users/me', { token: 'x'.repeat(length) });
      expect(plain(answer)).toEqual({ status: 403, body: { detail: 'Could not validate credentials' } });
    },
  );

  test.each([
    [90_000, 400, { detail: 'Invalid token' }],
    [100_000, 413, { detail: 'Request body too large' }],
  ])('given a link’s token of %i bytes, then it is a %i', async (length, status, body) => {
    const answer = await client('POST', '/reset-password/', {
      body: { token: 'x'.repeat(length), new_password: 'password2' },
    });
    expect(plain(answer)).toEqual({ status, body });
  });
});
