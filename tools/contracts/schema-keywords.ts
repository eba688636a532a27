import * as z from 'zod';

const number = z.number().optional();
const text = z.string().optional();
const any = z.unknown().optional();
const names = z.array(z.string());

/** These keywords of JSON Schema draft-07 are compared one by one; all others must stay as they are. */
const keywords = z.looseObject({
  type: z.union([z.string().transform((type) => [type]), names]).optional(),
  const: any,
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  required: names.default([]),
  additionalProperties: any,
  items: any,
  uniqueItems: z.boolean().optional(),
  pattern: text,
  format: text,
  contentEncoding: text,
  contentMediaType: text,
  multipleOf: number,
  minLength: number,
  maxLength: number,
  minItems: number,
  maxItems: number,
  minProperties: number,
  maxProperties: number,
  minimum: number,
  exclusiveMinimum: number,
  maximum: number,
  exclusiveMaximum: number,
});

export type Keywords = z.output<typeof keywords>;

export type Kind = 'string' | 'number' | 'array' | 'object';

const compared: ReadonlySet<string> = new Set(Object.keys(keywords.shape));
const notes = new Set(['$schema', '$comment', 'title', 'description', 'default', 'examples', 'deprecated']);
/** Below these keywords, the keys are names, even when a key looks like a keyword. */
const named = new Set(['properties', 'patternProperties', 'definitions', '$defs']);
const literal = new Set(['const', 'enum', 'required', 'type']);

/** @throws {z.ZodError} when the value is no schema of draft-07 */
export const readKeywords = (schema: unknown): Keywords =>
  keywords.parse(schema === true ? {} : schema === false ? { not: {} } : schema);

export const unknownKeywords = (...schemas: Keywords[]): string[] => [
  ...new Set(schemas.flatMap((schema) => Object.keys(schema)).filter((keyword) => !compared.has(keyword))),
];

export function withoutNotes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNotes);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([keyword]) => !notes.has(keyword));
  return Object.fromEntries(
    entries.map(([keyword, value]) => {
      if (literal.has(keyword)) return [keyword, value];
      if (!named.has(keyword)) return [keyword, withoutNotes(value)];
      return [
        keyword,
        Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutNotes(one)])),
      ];
    }),
  );
}

/** Returns undefined when the schema does not list its values. */
export const valuesOf = (schema: Keywords): unknown[] | undefined =>
  Object.hasOwn(schema, 'const') ? [schema.const] : schema.enum;

/** Returns undefined when the schema allows any type. */
export function typesOf(schema: Keywords): string[] | undefined {
  const kinds = valuesOf(schema)?.map((value) => (value === null ? 'null' : typeof value));
  return schema.type ?? (kinds && [...new Set(kinds)]);
}

export function allows(schema: Keywords, kind: Kind): boolean {
  const types = typesOf(schema);
  return types === undefined || types.includes(kind) || (kind === 'number' && types.includes('integer'));
}
