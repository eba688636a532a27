import * as z from 'zod';

/** An object in the language of JSON Schema draft-07, which AsyncAPI 3.0 builds on. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a zod schema reads, in JSON Schema draft-07: fields that it does not name are allowed, and ignored. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return described;
}
