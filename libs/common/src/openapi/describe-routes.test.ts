import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conflict, notFound } from '../errors.ts';
import { pageQuery, text } from '../http/input/fields.ts';
import { type Route, route } from '../http/routes/route.ts';
import { describeRoutes } from './describe-routes.ts';

const thing = z
  .object({ name: z.string(), size: z.int() })
  .meta({ id: 'Thing', examples: [{ name: 'a', size: 1 }] });
const newThing = z
  .object({
    name: text({ min: 2, max: 99 }),
    label: text({ max: 99 })
      .nullish()
      .transform((label) => label ?? null),
  })
  .meta({ id: 'ThingCreate', examples: [{ name: 'ab' }] });
const gone = () => notFound('Thing not found');
const taken = () => conflict('Name taken');

const change = route({
  method: 'PUT',
  path: '/things/{id}',
  access: 'superuser',
  operationId: 'things-change',
  summary: 'Change a thing',
  description: 'All of it.',
  params: {
    id: {
      description: 'Id',
      example: '7',
      maxLength: 9,
      format: { pattern: /^\d+$/, detail: 'Invalid thing ID' },
    },
  },
  query: pageQuery,
  body: newThing,
  answer: { status: 201, schema: thing },
  refusals: [gone, taken],
  handler: async () => ({ name: 'x', size: 1 }),
});

const operationOf = (it: Route, options = {}) => {
  const { paths, ...rest } = describeRoutes([it], options);
  const operation = paths[`/api/v1${it.path}`]?.[it.method.toLowerCase()];
  return { operation, ...rest };
};

describe('given a route', () => {
  const { operation, schemas } = operationOf(change);

  test('then the operation says what the declaration says', () => {
    expect(operation).toMatchObject({
      tags: ['things'],
      operationId: 'things-change',
      summary: 'Change a thing',
      description: 'All of it.',
      security: [{ OAuth2PasswordBearer: [] }],
    });
  });

  test('then its parameters are those that are checked', () => {
    expect(operation).toMatchObject({
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          example: '7',
          schema: { type: 'string', pattern: '^\\d+$' },
        },
        { name: 'skip', in: 'query', required: false, schema: { type: 'integer', default: 0, minimum: 0 } },
        {
          name: 'limit',
          in: 'query',
          required: false,
          schema: { type: 'integer', default: 100, maximum: 1000 },
        },
      ],
    });
  });

  test('then its body is described as it may be sent, its answer as it is given', () => {
    expect(operation).toMatchObject({
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/ThingCreate' },
            example: { name: 'ab' },
          },
        },
      },
      responses: {
        201: {
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/Thing' }, example: { size: 1 } },
          },
        },
      },
    });
    expect(schemas.ThingCreate).toMatchObject({ required: ['name'] });
    expect(schemas.Thing).toEqual({
      type: 'object',
      properties: { name: { type: 'string' }, size: { type: 'integer' } },
      required: ['name', 'size'],
      examples: [{ name: 'a', size: 1 }],
    });
  });

  test('then the refusals of its checks and of its handler are declared', () => {
    const responses = z
      .object({ responses: z.record(z.string(), z.object({ description: z.string() })) })
      .parse(operation).responses;
    const described = Object.entries(responses).map(
      ([status, { description }]) => `${status} ${description}`,
    );
    expect(described).toEqual([
      '201 Successful Response',
      '400 Inactive user · Invalid thing ID',
      '401 Not authenticated',
      "403 Could not validate credentials · The user doesn't have enough privileges",
      '404 User not found · Thing not found',
      '409 Name taken',
      '413 Request body too large',
      '422 Validation Error',
      '500 Internal Server Error',
      '503 Service unavailable',
    ]);
  });

  test('then a 422 shows what its own schema says of bad input', () => {
    expect(operation).toMatchObject({
      responses: {
        422: {
          content: {
            'application/json': {
              example: { detail: [{ type: 'string_type', loc: ['body', 'name'], input: 7 }] },
            },
          },
        },
      },
    });
  });
});

const open = {
  ...change,
  access: 'anyone',
  params: {},
  query: undefined,
  body: undefined,
  refusals: [],
} as const;

test('given a route for anyone without input, then no impossible answer is declared', () => {
  const { operation } = operationOf(open, { alwaysThere: true });
  const { responses, ...rest } = z
    .looseObject({ responses: z.record(z.string(), z.unknown()) })
    .parse(operation);
  expect(Object.keys(responses)).toEqual(['201', '413', '500']);
  expect(rest).not.toHaveProperty('security');
  expect(rest).not.toHaveProperty('parameters');
  expect(rest).not.toHaveProperty('requestBody');
});

test('given tags that no operation has, then they are left out', () => {
  const tags = [
    { name: 'things', description: 'Things' },
    { name: 'others', description: 'Others' },
  ];
  expect(operationOf(open, { tags }).tags).toEqual([{ name: 'things', description: 'Things' }]);
});

test('given headers, a media type and an example of the route, then its answer has them', () => {
  const page = {
    ...open,
    answer: {
      schema: z.string(),
      example: '<p>',
      mediaType: 'text/html; charset=utf-8' as const,
      headers: { subject: 'What it is about' },
    },
  };
  expect(operationOf(page).operation).toMatchObject({
    responses: {
      200: {
        headers: { subject: { description: 'What it is about', schema: { type: 'string' } } },
        content: { 'text/html': { schema: { type: 'string' }, example: '<p>' } },
      },
    },
  });
});

test('given a form, then it is described as one', () => {
  const { operation } = operationOf({ ...open, form: true, body: newThing });
  expect(operation).toHaveProperty(['requestBody', 'content', 'application/x-www-form-urlencoded']);
});

test('given two schemas with one name, then describing fails', () => {
  const other = z.object({ else: z.string() }).meta({ id: 'Else' });
  const input = z.object({ name: text({ max: 99 }).default('x') }).meta({ id: 'Both' });
  expect(() => describeRoutes([{ ...open, body: other, answer: { schema: other } }])).not.toThrow();
  expect(() => describeRoutes([{ ...open, body: input, answer: { schema: input } }])).toThrow(
    'two schemas are named Both',
  );
});

test('given a field with bounds, then they are described, and the 422’s example breaks one', () => {
  const level = z.int().min(0).max(5);
  const { operation } = operationOf({ ...open, body: z.object({ level }) });
  expect(operation).toMatchObject({
    requestBody: {
      content: {
        'application/json': {
          schema: { properties: { level: { type: 'integer', minimum: 0, maximum: 5 } } },
        },
      },
    },
    responses: {
      422: {
        content: {
          'application/json': { example: { detail: [{ type: 'less_than_equal', ctx: { le: 5 } }] } },
        },
      },
    },
  });
});

describe('given a conditional route', () => {
  const conditional = (method: 'GET' | 'PUT') =>
    operationOf({
      ...open,
      method,
      conditional: true,
      answer: { schema: thing, revised: true, headers: { subject: 'What it is about' } },
    }).operation;

  test.each(['GET', 'PUT'] as const)(
    'then %s has the conditions, the ETag and the answers to them',
    (method) => {
      const operation = conditional(method);
      expect(operation).toMatchObject({
        parameters: ['If-Match', 'If-None-Match'].map((name) => ({
          name,
          in: 'header',
          required: false,
          schema: { type: 'string', examples: ['"3"'] },
        })),
        responses: {
          200: { headers: { ETag: { schema: { type: 'string' } }, subject: {} } },
          412: { description: 'Precondition failed' },
        },
      });
      const notModified = z.object({ responses: z.record(z.string(), z.unknown()) }).parse(operation)
        .responses[304];
      if (method === 'PUT') expect(notModified).toBeUndefined();
      else expect(notModified).toMatchObject({ description: 'Not Modified', headers: { ETag: {} } });
      if (method === 'GET') expect(notModified).not.toHaveProperty('content');
    },
  );
});
