import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { JsonSchema } from './document-types.ts';

/** What a schema describes: what a caller may send (before transforms), or what it is answered. */
export type Direction = 'input' | 'output';

/** JSON Schemas of zod schemas; those that have an `id` are kept as components and referred to. */
export type SchemaCollection = {
  describe(schema: z.ZodType, direction: Direction): JsonSchema;
  /** The components so far, by name. */
  components(): Record<string, JsonSchema>;
};

/** @throws when two different schemas have the same `id` */
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

/** Leaves out what is true and tells a reader nothing. */
function plain({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  // Later versions may answer with more: a client must take fields that it does not know.
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function withComponentRefs(schema: unknown): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
