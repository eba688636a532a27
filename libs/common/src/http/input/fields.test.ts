import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { email } from './email-address.ts';
import { ID, pageQuery, password, text, unchangedIfNull } from './fields.ts';
import { validate } from './validation.ts';

/** What a schema says of one value of the field `name`, as an answer would show it. */
function fault(schema: z.ZodType, value: unknown) {
  const raw = { name: value };
  return validate(z.object({ name: schema }), 'body', raw).details[0];
}

describe('text', () => {
  test.each(['', 'a', 'x'.repeat(255), '😀'.repeat(255), '‮\u200b', 'e\u0301'])(
    'given %j, then it is accepted unchanged',
    (value) => {
      expect(text({ max: 255 }).parse(value)).toBe(value);
    },
  );

  test.each([
    ['x'.repeat(256), 'string_too_long', 'String should have at most 255 characters', { max_length: 255 }],
    ['😀'.repeat(256), 'string_too_long', 'String should have at most 255 characters', { max_length: 255 }],
    ['', 'string_too_short', 'String should have at least 1 character', { min_length: 1 }],
    [
      'a\0b',
      'value_error',
      'Value error, text must not contain a NUL character',
      { error: 'text must not contain a NUL character' },
    ],
  ])('given %j, then the fault is %s', (value, type, msg, ctx) => {
    expect(fault(text({ min: 1, max: 255 }), value)).toEqual({
      type,
      msg,
      ctx,
      loc: ['body', 'name'],
      input: value,
    });
  });

  test.each(['\ud800', 'a\udc00b', '\udc00\ud800'])(
    'given the lone surrogate in %j, then it is refused',
    (value) => {
      expect(fault(text({ max: 255 }), value)?.type).toBe('string_unicode');
    },
  );

  test.each([1, true, {}, [], { $gt: '' }])('given %j, then nothing is converted', (value) => {
    expect(fault(text({ max: 255 }), value)).toMatchObject({
      type: 'string_type',
      msg: 'Input should be a valid string',
    });
  });
});

describe('a new password', () => {
  test.each([
    ['x'.repeat(7), 'string_too_short'],
    ['x'.repeat(129), 'string_too_long'],
  ])('given %j, then the fault is %s', (value, type) => {
    expect(fault(password(), value)?.type).toBe(type);
  });

  test('given 8 and 128 characters outside the BMP, then both are accepted', () => {
    expect(fault(password(), '😀'.repeat(8))).toBeUndefined();
    expect(fault(password(), '😀'.repeat(128))).toBeUndefined();
  });
});

describe('an e-mail address', () => {
  test('given spaces and capitals, then it is normalized', () => {
    expect(email().parse(' Ann@Example.com ')).toBe('ann@example.com');
  });

  test('given an invalid address, then the reason is in the message and in ctx', () => {
    expect(fault(email(), 'nobody')).toMatchObject({
      type: 'value_error',
      msg: 'value is not a valid email address: An email address must have an @-sign.',
      ctx: { reason: 'An email address must have an @-sign.' },
    });
  });

  test('given an operator object, then it is refused as no string', () => {
    expect(fault(email(), { $gt: '' })?.type).toBe('string_type');
  });
});

describe('a field of an update', () => {
  test('given null or nothing, then it stays unchanged', () => {
    const schema = z.object({ name: unchangedIfNull(text({ min: 1, max: 255 })) });
    expect(schema.parse({ name: null })).toEqual({ name: undefined });
    expect(schema.parse({})).toEqual({ name: undefined });
    expect(schema.safeParse({ name: '' }).success).toBe(false);
  });
});

describe('a page', () => {
  const detail = (query: object) => {
    const { data, details } = validate(pageQuery, 'query', query);
    return details[0] ?? data;
  };

  test.each([
    [{}, { skip: 0, limit: 100 }],
    [
      { skip: '5', limit: '1000' },
      { skip: 5, limit: 1000 },
    ],
    [
      { skip: ' +7 ', limit: '10.0' },
      { skip: 7, limit: 10 },
    ],
    [
      { skip: '2147483647', limit: '1' },
      { skip: 2_147_483_647, limit: 1 },
    ],
  ])('given %j, then the page is %j', (query, page) => {
    expect(detail(query)).toEqual(page);
  });

  test.each([
    [{ skip: '-1' }, 'greater_than_equal', 'Input should be greater than or equal to 0', { ge: 0 }],
    [
      { skip: '2147483648' },
      'less_than_equal',
      'Input should be less than or equal to 2147483647',
      { le: 2_147_483_647 },
    ],
    [
      { skip: '9'.repeat(400) },
      'less_than_equal',
      'Input should be less than or equal to 2147483647',
      { le: 2_147_483_647 },
    ],
    [{ limit: '0' }, 'greater_than_equal', 'Input should be greater than or equal to 1', { ge: 1 }],
    [{ limit: '1001' }, 'less_than_equal', 'Input should be less than or equal to 1000', { le: 1000 }],
  ])('given %j, then the fault is %s', (query, type, msg, ctx) => {
    const loc = ['query', Object.keys(query)[0]];
    expect(detail(query)).toEqual({ type, msg, ctx, loc, input: Object.values(query)[0] });
  });

  test.each(['', 'abc', '1.5', '1e3', '0x10', '١', 'NaN', 'Infinity', '--1'])(
    'given the limit %j, then it is refused as no integer',
    (limit) => {
      expect(detail({ limit })).toMatchObject({
        type: 'int_parsing',
        msg: 'Input should be a valid integer, unable to parse string as an integer',
      });
    },
  );
});

test.each([
  ['0123456789abcdef01234567', true],
  ['0123456789ABCDEF01234567', false],
  ['0123456789ab', false],
  ['0123456789abcdef0123456g', false],
  ['0123456789abcdef01234567\n', false],
  ['', false],
])('given %j, then the id check returns %s', (value, expected) => {
  expect(ID.test(value)).toBe(expected);
});
