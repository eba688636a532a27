import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { route } from '../routes/route.ts';
import { serveRoutes } from '../routes/serve-routes.ts';
import { boundedString, codePoints, cut, isLonger } from './bounds.ts';
import { email, pageQuery, password, sought, text, unchangedIfNull } from './fields.ts';

describe('counting', () => {
  test.each(['', 'a', '😀', 'a😀b', '\ud800', '\udc00\ud800', '\ud800\ud800\udc00', '😀😀'])(
    'given %j, then it has as many code points as its iterator says',
    (value) => {
      const { length } = [...value];
      expect(codePoints(value)).toBe(length);
      for (const max of [0, 1, 2, 3]) expect(isLonger(value, max)).toBe(length > max);
    },
  );

  test.each(['x', '😀', 'x😀', '😀x'])(
    'given much of %j, then what is cut is too long still, and short',
    (part) => {
      for (const max of [1, 2, 3, 8]) {
        const left = cut(part.repeat(1_000), max);
        expect(isLonger(left, max)).toBe(true);
        expect(left.length).toBeLessThanOrEqual(2 * max + 2);
        expect(left.isWellFormed()).toBe(true);
      }
    },
  );

  test('given what is not too long, then nothing is cut off', () => {
    for (const value of ['', 'abc', '😀😀😀']) expect(cut(value, 3)).toBe(value);
  });
});

describe('what a route takes', () => {
  const serve =
    (fields: z.ZodRawShape, part: 'body' | 'query' = 'body') =>
    () =>
      serveRoutes(
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

  test('given fields with a bound, also left out, null, or changed, then it is served', () => {
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
  ])('given %s of any length, then it is not served', (_what, field) => {
    expect(serve({ name: field })).toThrow('POST /things body.name');
    expect(serve({ name: field }, 'query')).toThrow('POST /things query.name');
  });

  test('given what is too long, then nothing else looks at it', () => {
    const seen: string[] = [];
    const field = boundedString((ctx) => {
      if (ctx.value.length > 3) ctx.issues.push({ code: 'custom', input: ctx.value });
    })
      .check((ctx) => void seen.push(ctx.value))
      .transform((value) => seen.push(value));
    field.safeParse('long');
    field.safeParse('ok');
    expect(seen).toEqual(['ok', 'ok']);
  });

  test('given a path parameter without a rule, then it is not served', () => {
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
    expect(() => serveRoutes([open], async () => undefined)).toThrow('GET /things/{id}');
  });
});
