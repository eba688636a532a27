import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { holdsSecrets, notAnObject, notJson, redact } from './body-faults.ts';
import { text } from './fields.ts';
import { validate } from './validation.ts';

const details = (schema: z.ZodType, raw: unknown, part: 'body' | 'form' | 'query' = 'body') =>
  validate(schema, part, raw).details;

describe('details', () => {
  test('given several invalid fields, then each is named once', () => {
    const schema = z.object({
      a: z.string(),
      b: text({ min: 3, max: 9 }).check(z.refine(() => false)),
      c: z.boolean(),
    });
    const found = details(schema, { b: 'x', c: 1 });
    expect(found.map(({ loc, type }) => [loc[1], type])).toEqual([
      ['a', 'missing'],
      ['b', 'string_too_short'],
      ['c', 'bool_type'],
    ]);
  });
});

describe('a missing field', () => {
  const schema = z.object({ title: z.string() });

  test('given a body, then the object around it is shown with its secrets blanked', () => {
    expect(details(schema, { password: 'hunter22', other: 1 })).toEqual([
      {
        type: 'missing',
        loc: ['body', 'title'],
        msg: 'Field required',
        input: { password: '[redacted]', other: 1 },
      },
    ]);
  });

  test.each([
    ['form', 'body'],
    ['query', 'query'],
  ] as const)('given a %s, then nothing is shown', (part, where) => {
    expect(details(schema, {}, part)).toEqual([
      { type: 'missing', loc: [where, 'title'], msg: 'Field required', input: null },
    ]);
  });
});

describe('secrets', () => {
  test.each(['password', 'new_password', 'current_password', 'token', 'client_secret'])(
    'given a short %s, then it is not shown',
    (name) => {
      const [detail] = details(z.object({ [name]: text({ min: 20, max: 99 }) }), { [name]: 'hunter22' });
      expect(detail).toMatchObject({ type: 'string_too_short', input: '[redacted]' });
    },
  );

  test('given secrets anywhere in a value, then they are blanked and the rest is unchanged', () => {
    const value = [{ token: { a: 1 }, user: { password: 'x', name: 'Ann' } }, null, 'text'];
    expect(redact(value)).toEqual([
      { token: '[redacted]', user: { password: '[redacted]', name: 'Ann' } },
      null,
      'text',
    ]);
  });

  test('given an own key __proto__, then it stays a key', () => {
    const redacted = redact(JSON.parse('{"__proto__": {"password": "x"}}'));
    expect(JSON.stringify(redacted)).toBe('{"__proto__":{"password":"[redacted]"}}');
    expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
  });

  test.each(['username=a&pa%73sword=hunter22', 'hunter22', ['password', 'hunter22'], 22])(
    'given %j in place of a secret, then it is not shown',
    (raw) => {
      expect(notAnObject(raw, true).input).toBe('[redacted]');
    },
  );

  test('given a schema, then its secret fields are known by their names', () => {
    expect(holdsSecrets(z.object({ email: z.string(), new_password: z.string() }))).toBe(true);
    expect(holdsSecrets(z.object({ title: z.string() }))).toBe(false);
  });
});

test('given a body that is not an object, then it is shown as it was sent', () => {
  expect(notAnObject([1, 'a'], false)).toEqual({
    type: 'model_attributes_type',
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from',
    input: [1, 'a'],
  });
});

test('given broken JSON, then its position is the location and nothing of it is shown', () => {
  expect(notJson(7, 'Expecting value')).toEqual({
    type: 'json_invalid',
    loc: ['body', 7],
    msg: 'JSON decode error',
    input: {},
    ctx: { error: 'Expecting value' },
  });
});
