import type * as z from 'zod';
import type { Route } from '../http/routes/route.ts';
import type { JsonSchema, MediaType, Parameter } from './document-types.ts';
import type { SchemaCollection } from './schemas.ts';

/** The media type of a route's body. */
export const bodyType = ({ form }: Route): string =>
  form ? 'application/x-www-form-urlencoded' : 'application/json';

/** A body as it may be sent, with the schema's first example. */
export function describeBody(schema: z.ZodType, schemas: SchemaCollection): MediaType {
  const example = exampleOf(schema);
  return { schema: schemas.describe(schema, 'input'), ...(example === undefined ? {} : { example }) };
}

/** The first of the examples that were given to a schema by `meta`. */
export function exampleOf(schema: z.ZodType): unknown {
  const { examples } = schema.meta() ?? {};
  return Array.isArray(examples) ? examples[0] : undefined;
}

/** Path parameters, in the order of the path. */
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

/** Query parameters, one for each field of the query's schema. */
export function describeQuery(route: Route, schemas: SchemaCollection): Parameter[] {
  if (!route.query) return [];
  const { properties = {}, required = [] } = schemas.describe(route.query, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  // zod leaves out `examples` where a transform follows, for they may be of its output; `example` it lets be.
  return Object.entries(properties).map(([name, { description, example, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(typeof description === 'string' ? { description } : {}),
    ...(example === undefined ? {} : { example }),
    schema,
  }));
}
