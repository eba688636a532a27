import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { jsonSchemaOf } from '../../services/gateway/src/async-api/json-schema.ts';
import { unreadableChanges } from './schema-compatibility.ts';

const { array, int, literal, nullable, number, object, optional, string, union } = z;

const changesOf = (was: z.ZodType, is: z.ZodType) => unreadableChanges(jsonSchemaOf(was), jsonSchemaOf(is));

const a = (field: z.ZodType) => object({ a: field });
const xy = z.enum(['x', 'y']);
const street = object({ street: string() });
const digits = object({ street: number() });
const named = (values: z.ZodType) => z.record(string(), values);

describe('a change that old consumers could not read is reported, with its field', () => {
  /** The columns are the message, the published and the current schema of `a`, and a newly allowed value. */
  test.each<[string, z.ZodType, z.ZodType, unknown]>([
    ['was required, may be missing now', string(), optional(string()), undefined],
    ['was required, may be missing now', string(), string().default('x'), undefined],
    ['was string, is number now', string(), number(), 1],
    ['was string, is string or number now', string(), union([string(), number()]), 1],
    ['was string, may be anything now', string(), z.json(), 1],
    ['was string, may be anything now', string(), z.any(), 1],
    ['was integer, is number now', int(), number().min(0).max(9), 0.5],
    ['was object, is array now', street, array(street), []],
    ['was string, is number now', optional(string()), optional(number()), 1],
    ['may be null now', string(), nullable(string()), null],
    ['may be null now', street, nullable(street), null],
    ['may be "z" now, was one of "x", "y"', xy, z.enum(['x', 'y', 'z']), 'z'],
    ['was one of "x", "y", is not limited to them now', xy, string(), 'z'],
    ['may be "y" now, was one of "x"', literal('x'), literal('y'), 'y'],
    ['may be 2 now, was one of 1', literal(1), literal([1, 2]), 2],
    ['may be null now, was one of "x"', literal('x'), literal(['x', null]), null],
    ['pattern was ^x, is ^y now', string().regex(/^x/), string().regex(/^y/), 'y'],
    ['pattern was ^x, is gone', string().regex(/^x/), string(), 'y'],
    ['format was date, is date-time now', z.iso.date(), z.iso.datetime(), '2026-01-01T00:00:00Z'],
    ['format was date, is gone', z.iso.date(), string(), ''],
    ['contentEncoding was base64, is gone', z.base64(), string(), '?'],
    ['minLength was 3, is 2 now', string().min(3), string().min(2), 'xy'],
    ['maxLength was 3, is gone', string().max(3), string(), 'long'],
    ['least value was 3, is 2 now', number().min(3), number().min(2), 2],
    ['least value was above 3, is 3 now', number().gt(3), number().gte(3), 3],
    ['greatest value was below 3, is below 4 now', number().lt(3), number().lt(4), 3],
    ['greatest value was 3, is gone', number().max(3), number(), 4],
    ['multipleOf was 4, is 2 now', number().multipleOf(4), number().multipleOf(2), 2],
    ['minItems was 1, is gone', array(xy).min(1), array(xy), []],
    ['maxItems was 1, is 2 now', array(xy).max(1), array(xy).max(2), ['x', 'y']],
    [
      'has an alternative that it did not have (array)',
      union([street, xy]),
      union([street, array(xy), xy]),
      [],
    ],
  ])('given that it %s', (said, was, is, value) => {
    expect(changesOf(a(was), a(is))).toContain(`data.a: ${said}`);
    expect(a(is).safeParse({ a: value }).success).toBe(true);
    expect(a(was).safeParse({ a: value }).success).toBe(false);
  });

  /** The columns are all messages, the published and the current schema, and newly allowed data. */
  test.each<[string, z.ZodType, z.ZodType, unknown]>([
    ['data.a: was required, is gone', a(xy).extend({ b: string() }), object({ b: string() }), { b: '' }],
    ['data.a: was required, is gone (renamed to b?)', a(xy), object({ b: xy }), { b: 'x' }],
    ['data.a[]: was string, is number now', a(array(string())), a(array(number())), { a: [1] }],
    ['data.a[]: may be null now', a(array(street)), a(array(nullable(street))), { a: [null] }],
    ['data.a[].street: was required, is gone', a(array(street)), a(array(object({}))), { a: [{}] }],
    ['data.a.street: was required, is gone', a(street), a(object({ town: number() })), { a: { town: 1 } }],
    ['data.a.a.street: was string, is number now', a(a(street)), a(a(digits)), { a: { a: { street: 1 } } }],
    [
      'data.a.street: was string, is number now',
      a(nullable(street)),
      a(nullable(digits)),
      { a: { street: 1 } },
    ],
    ['data.a.*: was string, is number now', a(named(string())), a(named(number())), { a: { x: 1 } }],
    [
      'data.*: was string, is number now',
      object({}).catchall(string()),
      object({}).catchall(number()),
      { x: 1 },
    ],
    [
      'data.a: was string, is number now',
      object({}).catchall(string()),
      a(number()).catchall(string()),
      { a: 1 },
    ],
    [
      'data.a: is new, and no further fields were allowed',
      z.strictObject({}),
      z.strictObject({ a: xy }),
      { a: 'x' },
    ],
  ])('given that %s', (said, was, is, data) => {
    expect(changesOf(was, is)).toEqual([said]);
    expect(is.safeParse(data).success).toBe(true);
    expect(was.safeParse(data).success).toBe(false);
  });

  test('given several changes at once, then each is reported', () => {
    const was = object({ a: string(), b: xy, c: street });
    const is = object({ b: z.enum(['x', 'z']).optional(), c: object({ street: nullable(string()) }) });
    expect(changesOf(was, is)).toEqual([
      'data.a: was required, is gone',
      'data.b: was required, may be missing now',
      'data.b: may be "z" now, was one of "x", "y"',
      'data.c.street: may be null now',
    ]);
  });
});

describe('what cannot be proven harmless is reported too', () => {
  const dog = object({ kind: literal('dog'), name: string() });
  const cat = object({ kind: literal('cat') });
  const pets = (name: z.ZodType) => z.discriminatedUnion('kind', [dog.extend({ name }), cat]);

  test.each<[string, z.ZodType, z.ZodType]>([
    ['data.a: is gone, so that its name could come back with another meaning', a(optional(xy)), object({})],
    ['data.a: pattern was ^x, is gone', a(string().regex(/^x/)), a(literal('x'))],
    ['data.a: pattern was ^x, is ^xy now', a(string().regex(/^x/)), a(string().regex(/^xy/))],
    [
      'data.a: items at their places have changed, and cannot be compared',
      a(z.tuple([string()])),
      a(z.tuple([xy])),
    ],
    ['data.a: oneOf has changed, and cannot be compared', a(pets(string())), a(pets(xy))],
    ['data: allows further fields now', z.strictObject({}), object({})],
  ])('given that %s', (said, was, is) => expect(changesOf(was, is)).toEqual([said]));

  test('given a keyword that is not known, then it may not change', () => {
    const known = { type: 'string' };
    const more = { ...known, not: { const: 'x' } };
    const said = ['data: not has changed, and cannot be compared'];
    expect(unreadableChanges(more, more)).toEqual([]);
    expect(unreadableChanges(more, known)).toEqual(said);
    expect(unreadableChanges(known, more)).toEqual(said);
    expect(unreadableChanges({ anyOf: [{}] }, { anyOf: [{}], not: {} })).toHaveLength(1);
  });

  test('given a list whose items may be the same now, then that is reported', () => {
    const list = { type: 'array', items: { type: 'string' } };
    const said = ['data: may hold the same twice now'];
    expect(unreadableChanges({ ...list, uniqueItems: true }, list)).toEqual(said);
    expect(unreadableChanges(list, { ...list, uniqueItems: true })).toEqual([]);
  });

  test('given a value that is no schema, then it is refused', () => {
    expect(() => unreadableChanges({ required: 'a' }, {})).toThrow();
    expect(() => unreadableChanges({}, 'schema')).toThrow();
  });
});

describe('a change that old consumers can read', () => {
  test.each<[string, z.ZodType, z.ZodType]>([
    ['nothing changes', a(xy), a(xy)],
    ['a required field is added', a(xy), a(xy).extend({ b: string() })],
    ['an optional field is added inside', a(street), a(street.extend({ b: optional(string()) }))],
    [
      'fields called like keywords are added',
      a(xy),
      a(xy).extend({ title: xy, type: number(), required: xy }),
    ],
    ['an optional field becomes required', a(optional(xy)), a(xy)],
    ['null is not allowed any more', a(nullable(string())), a(string())],
    ['null is not allowed for an object any more', a(nullable(street)), a(street)],
    ['an enum loses a value', a(xy), a(z.enum(['y']))],
    ['an enum has another order', a(xy), a(z.enum(['y', 'x']))],
    ['a text becomes an enum', a(string()), a(xy)],
    ['a number becomes an integer', a(number()), a(int())],
    ['a size is tighter', a(string().min(1).max(5)), a(string().min(2).max(4))],
    ['a range is tighter', a(number().min(1).max(5)), a(number().gt(1).lt(5))],
    ['limits are new', a(array(string())), a(array(string().regex(/x/)).min(1).max(2))],
    ['an alternative is gone', a(union([street, string(), number()])), a(union([number(), string()]))],
    ['only one alternative is left', a(union([street, string()])), a(street)],
    ['further fields are refused', object({}), z.strictObject({})],
    [
      'descriptions and examples change',
      a(xy),
      a(xy.meta({ title: 'A', description: 'A.', examples: ['x'] })),
    ],
  ])('given that %s, then nothing is reported', (_name, was, is) => expect(changesOf(was, is)).toEqual([]));

  test('given a field with the name of a note, then its change is reported', () => {
    const said = ['data.title: was string, is number now'];
    expect(changesOf(object({ title: string() }), object({ title: number() }))).toEqual(said);
  });
});
