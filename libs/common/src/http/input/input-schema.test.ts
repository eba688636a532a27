import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { line, post } from '../../../test/wording-kit.ts';
import { route } from '../routes/route.ts';
import { serveRoutes } from '../routes/serve-routes.ts';
import { email } from './email-address.ts';
import { pageQuery, password, sought, text, unchangedIfNull } from './fields.ts';

describe('what a route takes', () => {
  const serve =
    (fields: z.ZodRawShape, part: 'body' | 'query' = 'body') =>
    () =>
      serveRoutes(
        '',
        [
          route({
            method: 'POST',
            path: '/things',
            access: 'anyone',
            operationId: 'things-make',
            summary: '',
            description: '',
            [part]: z.object(fields),
            answer: { schema: z.unknown() },
            handler: async () => undefined,
          }),
        ],
        async () => undefined,
      );

  test('given bounded fields, also optional, nullable or transformed ones, then the route is served', () => {
    const fields = {
      email: unchangedIfNull(email()),
      name: text({ max: 9 }).nullish(),
      sought: sought({ max: 9 }).default('x'),
      password: password(),
      flag: z.boolean().default(true),
      kind: z.enum(['a', 'b']).optional(),
    };
    expect(serve(fields)).not.toThrow();
    expect(serve(pageQuery.shape, 'query')).not.toThrow();
  });

  test.each<[string, z.ZodType]>([
    ['a string', z.string()],
    ['one with a pattern', z.string().regex(/x/)],
    ['one that is not there', z.string().optional()],
    ['one that is changed', z.string().transform((value) => value.trim())],
    ['one that is changed first', z.preprocess((value) => String(value).normalize(), text({ max: 9 }))],
    [
      'one that is looked at before its length',
      z
        .string()
        .check(() => undefined)
        .max(9),
    ],
    ['a list', z.array(z.string())],
    ['names that the caller chooses', z.record(z.string(), z.boolean())],
    ['anything', z.unknown()],
    ['one of a part', z.object({ inner: z.string() })],
  ])('given %s of any length, then the route is not served', (_what, field) => {
    expect(serve({ name: field })).toThrow('POST /things body.name');
    expect(serve({ name: field }, 'query')).toThrow('POST /things query.name');
  });

  test('given a path parameter without a rule, then the route is not served', () => {
    const open = route({
      method: 'GET',
      path: '/things/{id}',
      access: 'anyone',
      operationId: 'things-read',
      summary: '',
      description: '',
      answer: { schema: z.unknown() },
      handler: async () => undefined,
    });
    expect(() => serveRoutes('', [open], async () => undefined)).toThrow('GET /things/{id}');
  });
});

test.each<[string, z.ZodType]>([
  ['a file', z.file()],
  ['a symbol', z.symbol()],
  ['NaN', z.nan()],
  ['a format of its own', line().check(z.stringFormat('zip', () => false) as never)],
  ['an intersection', z.intersection(z.object({ a: z.int() }), z.object({ b: z.int() }))],
  ['a field within', z.array(z.object({ inner: z.nan().optional() }))],
  [
    'what follows a transform',
    z
      .int()
      .transform(() => Symbol())
      .pipe(z.symbol()),
  ],
  ['a property', z.array(z.int()).check(z.property('length', z.int()))],
])('given a rule without wording in %s, then the route is not served', (_what, value) => {
  const serve = () => serveRoutes('', [post('/things', z.object({ value }))], async () => undefined);
  expect(serve).toThrow('POST /things body.value');
  expect(serve).toThrow('without wording');
});
