import * as z from 'zod';

/** AsyncAPI 3.0 builds on JSON Schema draft-07. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return described;
}
