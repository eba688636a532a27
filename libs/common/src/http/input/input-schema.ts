import type * as z from 'zod';
import { isBoundedText } from './bounds.ts';
import { isWordedFormat } from './format-wording.ts';

type Schema = z.core.$ZodType;

/** A schema’s definition; `type` tells them apart. */
export const defOf = (schema: Schema): z.core.$ZodTypes['_zod']['def'] =>
  (schema as z.core.$ZodTypes)._zod.def;

/** The schemas right inside a schema, each with its field's name or a word for its place. */
export function childrenOf(schema: Schema): [name: string, child: Schema][] {
  const def = defOf(schema);
  switch (def.type) {
    case 'object':
      return [...Object.entries(def.shape), ...(def.catchall ? [named('*', def.catchall)] : [])];
    case 'array':
      return [['[]', def.element]];
    case 'tuple':
      return [
        ...def.items.map((item, at) => named(String(at), item)),
        ...(def.rest ? [named('[]', def.rest)] : []),
      ];
    case 'record':
    case 'map':
      return [
        ['[key]', def.keyType],
        ['*', def.valueType],
      ];
    case 'set':
      return [['[]', def.valueType]];
    case 'union':
      return def.options.map((option, at) => named(`option ${at + 1}`, option));
    default: {
      const inner = innerOf(schema);
      return inner ? [['', inner]] : [];
    }
  }
}

const named = (name: string, child: Schema): [string, Schema] => [name, child];

/** What a wrapper (`optional`, `default`, `lazy` ...) wraps; of a pipe what reads the input. */
function innerOf(schema: Schema): Schema | undefined {
  const def = defOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'success':
    case 'catch':
    case 'readonly':
      return def.innerType;
    case 'pipe':
      // `preprocess` is a transform in front of the schema that it is about.
      return defOf(def.in).type === 'transform' ? def.out : def.in;
    case 'lazy':
      return def.getter();
    default:
      return undefined;
  }
}

/** A schema without the wrappers around it. */
export function unwrap(schema: Schema): Schema {
  const inner = innerOf(schema);
  return inner ? unwrap(inner) : schema;
}

/** The schema of the value at `path`; undefined where a union leaves open which one it is. */
export function schemaAt(schema: Schema, path: readonly PropertyKey[]): Schema | undefined {
  const [key, ...rest] = path;
  const here = unwrap(schema);
  if (key === undefined) return here;
  const children = new Map(childrenOf(here));
  const child = children.get(String(key)) ?? children.get('[]') ?? children.get('*');
  return child && schemaAt(child, rest);
}

/** Kinds of schema that can be sent and whose rules have a wording. Of an intersection zod throws when its sides differ. */
const WORDED_TYPES = new Set<string>([
  ...[
    'string',
    'number',
    'boolean',
    'bigint',
    'null',
    'undefined',
    'void',
    'never',
    'date',
    'any',
    'unknown',
  ],
  ...['object', 'array', 'tuple', 'record', 'map', 'set', 'union', 'enum', 'literal', 'template_literal'],
  ...['optional', 'nullable', 'default', 'prefault', 'nonoptional', 'success', 'catch', 'readonly', 'lazy'],
  ...['pipe', 'transform', 'custom'],
]);
const WORDED_CHECKS = new Set<string>([
  ...['less_than', 'greater_than', 'multiple_of', 'number_format', 'bigint_format', 'overwrite', 'custom'],
  ...['min_length', 'max_length', 'length_equals', 'min_size', 'max_size', 'size_equals', 'describe', 'meta'],
]);
/** Kinds that take a text as it comes. A number in a text is read in no time. */
const TAKES_ANY_TEXT = new Set<string>(['any', 'unknown', 'transform', 'custom', 'template_literal']);

/**
 * Refuses a schema for what callers send when it takes text of any length, or has a rule that a 422 could not put into
 * words.
 * @param where names the schema in the error
 * @throws naming the field
 */
export function refuseUnfit(schema: Schema, where: string): void {
  refuse(schema, where, true, new Set());
}

/** @param isSent whether callers send this value, rather than a transform that comes before */
function refuse(schema: Schema, where: string, isSent: boolean, seen: Set<Schema>): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  const unworded = unwordedRule(schema);
  if (unworded !== undefined) throw new Error(`${where} has a rule without wording: ${unworded}`);
  if (isSent && takesAnyText(schema)) throw new Error(`${where} takes text of any length: see boundedString`);
  const def = defOf(schema);
  if (def.type === 'pipe') {
    refuse(def.in, where, isSent, seen);
    refuse(def.out, where, false, new Set(isSent ? [] : seen));
    return;
  }
  for (const [name, child] of childrenOf(schema)) {
    refuse(child, name === '' ? where : `${where}.${name}`, isSent, seen);
  }
}

function takesAnyText(schema: Schema): boolean {
  const def = defOf(schema);
  if (def.type === 'string') return !isBoundedText(def.checks);
  // BigInt() takes the longer for a digit the more of them there are.
  return TAKES_ANY_TEXT.has(def.type) || (def.type === 'bigint' && 'coerce' in def && def.coerce === true);
}

/** The first rule of a schema itself that has no wording, in zod's words. */
function unwordedRule(schema: Schema): string | undefined {
  const def = defOf(schema);
  if (!WORDED_TYPES.has(def.type)) return def.type;
  const rules = [...('check' in def ? [def] : []), ...(def.checks ?? []).map((check) => check._zod.def)];
  return rules.map(unwordedCheck).find((rule) => rule !== undefined);
}

function unwordedCheck(rule: object): string | undefined {
  if (!('check' in rule) || typeof rule.check !== 'string') return undefined;
  if (rule.check !== 'string_format') return WORDED_CHECKS.has(rule.check) ? undefined : rule.check;
  const format = 'format' in rule ? String(rule.format) : '';
  return isWordedFormat(format) ? undefined : `format ${format}`;
}
