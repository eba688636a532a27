import { describe, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import {
  brokenText,
  emoji,
  hasNul,
  missing,
  noBody,
  notObject,
  notText,
  REDACTED,
  tooLong,
  tooShort,
} from '../../../../tests/support/faults.ts';
import { itemsFixture } from '../../../../tests/support/fixtures.ts';

const { auth, call: items } = await itemsFixture();
const { token } = await newMember(auth.client);

const routes = [
  { method: 'POST', path: '/items/', good: { title: 'one' }, creates: true },
  { method: 'PUT', path: '/items/ffffffffffffffffffffffff', good: {}, creates: false },
  { method: 'PATCH', path: '/items/ffffffffffffffffffffffff', good: {}, creates: false },
];

const wrongTypes = [1, true, [], { a: 1 }].map((value) => ({ value, fault: notText }));
const wrongText = [
  { value: 'a\0b', fault: hasNul },
  { value: '\ud800', fault: brokenText },
  ...['x'.repeat(256), emoji(256)].map((value) => ({ value, fault: tooLong(255) })),
];

describe.each(routes)('$method $path', ({ method, path, good, creates }) => {
  const send = (body: unknown) => items(method, path, { token, body });
  const refuses = async (body: unknown, detail: unknown[]) => {
    const answer = await send(body);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({ detail });
  };

  test('given a title that breaks a rule, then 422 names it', async () => {
    const nulls = creates ? [{ value: null, fault: notText }] : [];
    for (const { value, fault } of [
      ...wrongTypes,
      ...wrongText,
      ...nulls,
      { value: '', fault: tooShort(1) },
    ]) {
      await refuses({ ...good, title: value }, [fault('title', value)]);
    }
  });

  test('given a description that breaks a rule, then 422 names it', async () => {
    for (const { value, fault } of [...wrongTypes, ...wrongText]) {
      await refuses({ ...good, description: value }, [fault('description', value)]);
    }
  });

  test('given both are wrong, then 422 has an entry for each', async () => {
    await refuses({ title: '', description: 7 }, [tooShort(1)('title', ''), notText('description', 7)]);
  });

  test('given null, an array or text, then 422', async () => {
    await refuses(null, [noBody]);
    await refuses([{ token: 'x' }], [notObject([{ token: REDACTED }])]);
    await refuses('text', [notObject('text')]);
    expect(await items(method, path, { token })).toMatchObject({ status: 422, body: { detail: [noBody] } });
  });

  test('given no JSON, then 422 names the position', async () => {
    const fault = { type: 'json_invalid', loc: ['body', 9], msg: 'JSON decode error', input: {} };
    const call = { token, raw: '{"title":}', headers: { 'content-type': 'application/json' } };
    expect(await items(method, path, call)).toMatchObject({ status: 422, body: { detail: [fault] } });
  });

  test('given 100,001 bytes, then 413; given 100,000, then only the text is too long', async () => {
    const sized = (size: number) => ({ title: 'x'.repeat(size - '{"title":""}'.length) });
    expect(await send(sized(100_001))).toMatchObject({
      status: 413,
      body: { detail: 'Request body too large' },
    });
    expect((await send(sized(100_000))).status).toBe(422);
  });
});

test('given no title, then 422 shows the body without secrets', async () => {
  const answer = await items('POST', '/items/', {
    token,
    body: { description: 'x', password: 'correct horse' },
  });
  expect(answer.status).toBe(422);
  expect(answer.body).toEqual({ detail: [missing('title', { description: 'x', password: REDACTED })] });
});

test.each([
  { title: 'x', description: '' },
  { title: 'x'.repeat(255), description: 'x'.repeat(255) },
  { title: emoji(255), description: emoji(255) },
])('given texts at the exact boundary, then they are taken', async (body) => {
  expect(await items('POST', '/items/', { token, body })).toMatchObject({ status: 200, body });
});
