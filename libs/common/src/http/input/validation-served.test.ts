import { expect, test } from 'vitest';
import * as z from 'zod';
import { line, post, type Row, serveForTests, testWordings } from '../../../test/wording-kit.ts';

const digit = z.int().min(0).max(9);

const pair = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('a'), size: z.int() }),
  z.object({ kind: z.literal('b'), name: line() }),
]);
const unions: Row[] = [
  [
    'a union',
    z.union([line(), z.int()]),
    true,
    'string_type',
    'Input should be a valid string or a valid integer',
  ],
  ['a union with null', z.union([z.null(), digit]), true, 'int_type', 'Input should be a valid integer'],
  [
    'a union whose kind is clear',
    z.union([line(), digit]),
    10,
    'less_than_equal',
    'Input should be less than or equal to 9',
    { le: 9 },
  ],
  [
    'a union of objects',
    z.union([z.object({ a: line() }), z.object({ b: line() })]),
    { a: 1 },
    'value_error',
    'Value error, input fits none of the allowed kinds',
    { error: 'input fits none of the allowed kinds' },
  ],
  [
    'xor',
    z.xor([line(), line()]),
    'a',
    'value_error',
    'Value error, input fits more than one of the allowed kinds',
    { error: 'input fits more than one of the allowed kinds' },
  ],
  [
    'an unknown tag',
    pair,
    { kind: 'c' },
    'union_tag_invalid',
    "Input tag 'c' found using 'kind' does not match any of the expected tags: 'a', 'b'",
    { discriminator: "'kind'", tag: 'c', expected_tags: "'a', 'b'" },
  ],
  [
    'no tag',
    pair,
    {},
    'union_tag_not_found',
    "Unable to extract tag using discriminator 'kind'",
    { discriminator: "'kind'" },
  ],
];

testWordings(unions);

/** Faults whose place is not the field itself. */
const places: [rule: string, schema: z.ZodType, sent: unknown, details: object[]][] = [
  [
    'fields that are not known',
    z.strictObject({ a: z.int().optional() }),
    { b: 1, c: 'x' },
    [
      {
        type: 'extra_forbidden',
        loc: ['body', 'value', 'b'],
        msg: 'Extra inputs are not permitted',
        input: 1,
      },
      {
        type: 'extra_forbidden',
        loc: ['body', 'value', 'c'],
        msg: 'Extra inputs are not permitted',
        input: 'x',
      },
    ],
  ],
  [
    'the name of a field',
    z.record(line().max(1), z.int()),
    { ab: 1 },
    [
      {
        type: 'string_too_long',
        loc: ['body', 'value', 'ab', '[key]'],
        msg: 'String should have at most 1 character',
        input: 'ab',
        ctx: { max_length: 1 },
      },
    ],
  ],
  [
    'one of a list',
    z.array(digit),
    [1, 'x'],
    [{ type: 'int_type', loc: ['body', 'value', 1], msg: 'Input should be a valid integer', input: 'x' }],
  ],
  [
    'a field of one kind of a union',
    pair,
    { kind: 'a', size: 1.5 },
    [
      {
        type: 'int_from_float',
        loc: ['body', 'value', 'size'],
        msg: 'Input should be a valid integer, got a number with a fractional part',
        input: 1.5,
      },
    ],
  ],
  [
    'a field left out of a union',
    z.union([line(), z.object({ a: z.int() })]),
    {},
    [{ type: 'missing', loc: ['body', 'value', 'a'], msg: 'Field required', input: {} }],
  ],
];

const logged: string[] = [];
const noWording = line().check((ctx) => {
  ctx.issues.push({ code: 'invalid_format', format: 'zip', input: ctx.value, message: 'Invalid zip' });
});
const client = serveForTests(
  [
    ...places.map(([, value], at) => post(`/places/${at}`, z.object({ value }))),
    post('/no-wording', z.object({ value: noWording })),
    post('/digits', z.object({ value: digit })),
    {
      ...post('/query', z.undefined()),
      body: undefined,
      query: z.object({ value: z.coerce.number().int().min(1) }),
    },
  ],
  logged,
);

test.each(places.map((row, at) => [row[0], at, row] as const))(
  'given %s, when it is at fault, then its place is named',
  async (_what, at, [, , value, details]) => {
    const { status, body } = await client('POST', `/places/${at}`, { body: { value } });
    expect({ status, body }).toEqual({ status: 422, body: { detail: details } });
  },
);

test('given a number larger than JavaScript can hold, then it is refused as not finite', async () => {
  const headers = { 'content-type': 'application/json' };
  const { status, body } = await client('POST', '/digits', { raw: '{"value":1e999}', headers });
  expect({ status, body }).toMatchObject({
    status: 422,
    body: { detail: [{ type: 'finite_number', msg: 'Input should be a finite number', input: null }] },
  });
});

test.each([
  ['x', 'int_parsing'],
  ['1.5', 'int_parsing'],
  ['0', 'greater_than_equal'],
])('given %s in a query in place of an integer, then the fault is %s', async (value, type) => {
  const { status, body } = await client('POST', `/query?value=${value}`);
  expect({ status, body }).toMatchObject({
    status: 422,
    body: { detail: [{ type, loc: ['query', 'value'] }] },
  });
});

test('given a rule without wording, when it is broken, then the answer has zod’s message and the log reports it once', async () => {
  for (const value of ['a', 'b']) {
    const { status, body } = await client('POST', '/no-wording', { body: { value } });
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { detail: [{ type: 'value_error', msg: 'Value error, Invalid zip', loc: ['body', 'value'] }] },
    });
  }
  expect(logged.filter((entry) => entry.includes('has no wording'))).toHaveLength(1);
  expect(logged.join()).toContain('invalid_format zip');
});
