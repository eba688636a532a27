import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Member, newEmail, newMember } from '../../../../tests/support/accounts.ts';
import type { Answer } from '../../../../tests/support/client.ts';
import { missing, noBody, notObject, REDACTED } from '../../../../tests/support/faults.ts';
import { type Running, runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: Running;
let member: Member;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runAuth(bed);
  member = await newMember(auth.client);
});
afterAll(() => bed.stop());

const bytes = (content: string) => new TextEncoder().encode(content);

const patchMe = (raw: string | Uint8Array, contentType?: string): Promise<Answer> =>
  auth.client('PATCH', '/users/me', {
    token: member.token,
    raw: typeof raw === 'string' ? bytes(raw) : raw,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  });

const refused = (...detail: unknown[]) => ({ status: 422, body: { detail } });

const nested = (levels: number) =>
  `{"full_name":"deep","deep":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

describe('given no JSON', () => {
  test.each([
    ['{', 1, 'Expecting property name enclosed in double quotes'],
    ['{"a" 1}', 5, "Expecting ':' delimiter"],
    ['{"a":}', 5, 'Expecting value'],
    ['{"a":1 "b":2}', 7, "Expecting ',' delimiter"],
    ['{"a":1,}', 7, 'Expecting property name enclosed in double quotes'],
    ['{"a":1}x', 7, 'Extra data'],
    ['nonsense', 0, 'Expecting value'],
    ['{"a":NaN}', 5, 'Expecting value'],
    ["{'a':1}", 1, 'Expecting property name enclosed in double quotes'],
  ])('%s, then 422 names position %i', async (raw, position, err) => {
    const fault = { type: 'json_invalid', msg: 'JSON decode error', input: {}, ctx: { error: err } };
    expect(await patchMe(raw)).toMatchObject(refused({ ...fault, loc: ['body', position] }));
  });

  test('in broken UTF-8, then 422', async () => {
    const answer = await patchMe(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d));
    expect(answer).toMatchObject(refused({ type: 'json_invalid', loc: ['body', 2] }));
  });

  test('with a password in it, then the answer does not contain it', async () => {
    expect((await patchMe('{"password":"correct horse" x')).text).not.toContain('horse');
  });
});

describe('depth', () => {
  test('given 32 levels, then they are accepted', async () => {
    expect(await patchMe(nested(32))).toMatchObject({ status: 200, body: { full_name: 'deep' } });
  });

  test('given 33 levels, then 422', async () => {
    const answer = await patchMe(nested(33));
    expect(answer).toMatchObject(refused({ type: 'json_invalid', msg: 'JSON decode error', input: {} }));
  });

  test('given 40,000 levels, then 422 and the service still runs', async () => {
    expect((await patchMe('['.repeat(40_000))).status).toBe(422);
    expect((await patchMe(`${'['.repeat(40_000)}${']'.repeat(40_000)}`)).status).toBe(422);
    expect((await patchMe('{}')).status).toBe(200);
  });
});

describe('given no object', () => {
  test.each([
    ['nothing', '', noBody],
    ['null', 'null', noBody],
    ['an array', '[1,{"password":"correct horse"}]', notObject([1, { password: REDACTED }])],
    ['a text', '"text"', notObject('text')],
    ['a number', '7', notObject(7)],
    ['false', 'false', notObject(false)],
  ])('but %s, then 422', async (_name, raw, fault) => {
    const answer = await patchMe(raw);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({ detail: [fault] });
  });
});

describe('content type', () => {
  test.each([
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/merge-patch+json',
  ])('given %s, then the body is read as JSON', async (type) => {
    expect(await patchMe('{"full_name":"typed"}', type)).toMatchObject({
      status: 200,
      body: { full_name: 'typed' },
    });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'text/json',
    'nonsense',
  ])('given %s, then it is no object', async (type) => {
    expect(await patchMe('{"a":1}', type)).toMatchObject(refused(notObject('{"a":1}')));
  });

  test('given text that may hold a secret, then it is not shown', async () => {
    expect(await patchMe('{"password":"x"}', 'text/plain')).toMatchObject(refused(notObject(REDACTED)));
  });
});

describe('size', () => {
  const padded = (size: number) => `{}${' '.repeat(size - 2)}`;
  const tooLarge = { status: 413, body: { detail: 'Request body too large' } };

  test('given 100,000 bytes, then they are accepted', async () => {
    expect((await patchMe(padded(100_000))).status).toBe(200);
  });

  test('given 100,001 bytes, then 413', async () => {
    expect(await patchMe(padded(100_001))).toMatchObject(tooLarge);
  });

  test('given 100,001 bytes and no token, then 401', async () => {
    expect((await auth.client('PATCH', '/users/me', { raw: padded(100_001) })).status).toBe(401);
  });

  test('given a form of 100,001 bytes, then 413', async () => {
    const form = { username: 'x', password: 'x'.repeat(100_001) };
    expect(await auth.client('POST', '/login/access-token', { form })).toMatchObject(tooLarge);
  });

  test('given a large body on a route that reads none, then 413', async () => {
    const call = { token: member.token, raw: padded(100_001) };
    expect(await auth.client('POST', '/login/test-token', call)).toMatchObject(tooLarge);
  });

  test.each([
    [100_000, 200],
    [100_001, 413],
    [1_000_000, 413],
  ])('given %i bytes in chunks, then %i', async (size, status) => {
    const answered = Promise.withResolvers<{ status: number | undefined; text: string }>();
    const headers = { authorization: `Bearer ${member.token}` };
    const sent = request(`${auth.url}/api/v1/users/me`, { method: 'PATCH', headers }, async (answer) => {
      answered.resolve({ status: answer.statusCode, text: await text(answer) });
    });
    sent.on('error', answered.reject);
    sent.write(padded(size - 1));
    sent.end(' ');
    expect(sent.getHeader('content-length')).toBeUndefined();
    const answer = await answered.promise;
    expect(answer.status).toBe(status);
    if (status === 413) expect(JSON.parse(answer.text)).toEqual(tooLarge.body);
  });

  test('given a refused body whose rest still arrives, then its connection works for the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const options = { method: 'PATCH', headers: { authorization: `Bearer ${member.token}` }, agent };
    const send = () => {
      const answered = Promise.withResolvers<number | undefined>();
      const sent = request(`${auth.url}/api/v1/users/me`, options);
      sent.on('response', (answer) => answered.resolve(answer.resume().statusCode));
      return { sent, status: answered.promise };
    };
    const refusedOne = send();
    refusedOne.sent.write(padded(150_000));
    expect(await refusedOne.status).toBe(413);
    const port = refusedOne.sent.socket?.localPort;
    expect(port).toBeGreaterThan(0);
    refusedOne.sent.end(padded(150_000));
    const next = send();
    next.sent.end('{}');
    expect(await next.status).toBe(200);
    expect(next.sent.socket?.localPort).toBe(port);
    agent.destroy();
  });
});

test('given fields with the names of object properties, then they are unknown fields like any other', async () => {
  const raw = `{"email":"${newEmail()}","__proto__":{"password":"correct horse"},"constructor":1}`;
  const answer = await auth.client('POST', '/users/signup', { raw: bytes(raw) });
  expect(answer.body).toMatchObject({ detail: [{ ...missing('password', {}), input: { constructor: 1 } }] });
  expect(answer.text).not.toContain('horse');
});
