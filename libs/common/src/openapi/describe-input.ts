import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { entityTag } from '../http/routes/conditions.ts';
import type { Route } from '../http/routes/route.ts';
import type { JsonSchema, MediaType, Parameter } from './document-types.ts';

/** `input` is before transforms. */
export type Direction = 'input' | 'output';

/** Schemas that have an `id` become components and are referred to. */
export type SchemaCollection = {
  describe(schema: z.ZodType, direction: Direction): JsonSchema;
  components(): Record<string, JsonSchema>;
};

/** Collects JSON Schemas of zod schemas. @throws {Error} when two different schemas have the same `id` */
export function createSchemaCollection(): SchemaCollection {
  const components: Record<string, JsonSchema> = {};
  return {
    describe(schema, io) {
      const { $schema, $defs, ...described } = z.toJSONSchema(schema, { io, override: plain });
      for (const [name, definition] of Object.entries($defs ?? {})) {
        const component = withComponentRefs(definition);
        const known = components[name];
        if (known && !isDeepStrictEqual(known, component)) throw new Error(`two schemas are named ${name}`);
        components[name] = component;
      }
      return withComponentRefs(described);
    },
    components: () => components,
  };
}

function plain({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  // Later versions may answer with more: a client must accept unknown fields.
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function withComponentRefs(schema: unknown): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

/** Returns the media type of a route's body. */
export const bodyType = ({ form }: Route): string =>
  form ? 'application/x-www-form-urlencoded' : 'application/json';

/** Describes a body, with its schema's first example. */
export function describeBody(schema: z.ZodType, schemas: SchemaCollection): MediaType {
  const example = exampleOf(schema);
  return { schema: schemas.describe(schema, 'input'), ...(example === undefined ? {} : { example }) };
}

/** Returns the first example that `meta` gave to a schema. */
export function exampleOf(schema: z.ZodType): unknown {
  const { examples } = schema.meta() ?? {};
  return Array.isArray(examples) ? examples[0] : undefined;
}

/** Describes path parameters, in the order of the path. */
export function describeParams(route: Route): Parameter[] {
  return Object.entries(route.params ?? {}).map(([name, { description, example, format }]) => ({
    name,
    in: 'path',
    required: true,
    description,
    example,
    schema: { type: 'string', ...(format ? { pattern: format.pattern.source } : { minLength: 1 }) },
  }));
}

/** Describes the header fields of a conditional route. */
export function describeConditions({ conditional, method }: Route): Parameter[] {
  if (!conditional) return [];
  const fields = {
    'If-Match': 'One of these entity tags, or `*`, or the answer is 412',
    'If-None-Match': `None of these entity tags, nor \`*\`, or the answer is ${method === 'GET' ? 304 : 412}`,
  };
  return Object.entries(fields).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    // The documentation's form is filled with an `example`, and each call from it would then have a condition.
    schema: { type: 'string', examples: [entityTag(3)] },
  }));
}

/** Describes parameters of the query and the headers, one for each field of their schemas. */
export const describeQuery = (route: Route, schemas: SchemaCollection): Parameter[] => [
  ...(route.query ? describeFields('query', route.query, schemas) : []),
  ...(route.headers ? describeFields('header', route.headers, schemas) : []),
];

function describeFields(
  place: 'query' | 'header',
  fields: z.ZodType,
  schemas: SchemaCollection,
): Parameter[] {
  const { properties = {}, required = [] } = schemas.describe(fields, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  // zod leaves out `examples` before a transform, as they may be of its output, but it keeps `example`.
  return Object.entries(properties).map(([name, { description, example, ...schema }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(typeof description === 'string' ? { description } : {}),
    ...(example === undefined ? {} : { example }),
    schema,
  }));
}
