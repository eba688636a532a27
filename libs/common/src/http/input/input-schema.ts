import type * as z from 'zod';
import { isBoundedText } from './bounds.ts';
import { isWordedFormat } from './format-wording.ts';

type Schema = z.core.$ZodType;

/** Returns a schema's definition, whose `type` tells the kinds apart. */
export const defOf = (schema: Schema): z.core.$ZodTypes['_zod']['def'] =>
  (schema as z.core.$ZodTypes)._zod.def;

/** Lists the schemas directly inside a schema, each with its field's name or a word for its place. */
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

/** The inner schema of a pipe is the one that reads the input. */
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
      // `preprocess` puts a transform in front of its schema.
      return defOf(def.in).type === 'transform' ? def.out : def.in;
    case 'lazy':
      return def.getter();
    default:
      return undefined;
  }
}

/** Removes the wrappers (`optional`, `default`, `lazy` ...) around a schema. */
export function unwrap(schema: Schema): Schema {
  const inner = innerOf(schema);
  return inner ? unwrap(inner) : schema;
}

/** Finds the schema of the value at `path`; undefined where a union leaves it open. */
export function schemaAt(schema: Schema, path: readonly PropertyKey[]): Schema | undefined {
  const [key, ...rest] = path;
  const here = unwrap(schema);
  if (key === undefined) return here;
  const children = new Map(childrenOf(here));
  const child = children.get(String(key)) ?? children.get('[]') ?? children.get('*');
  return child && schemaAt(child, rest);
}

/** Intersections are missing: zod throws when their sides differ. */
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
/** Numbers are not listed, since reading one from a long text is fast. */
const TAKES_ANY_TEXT = new Set<string>(['any', 'unknown', 'transform', 'custom', 'template_literal']);

/** Checks an input schema. @throws {Error} naming a field with unbounded text or a rule without wording */
export function refuseUnfit(schema: Schema, where: string): void {
  refuse(schema, where, true, new Set());
}

/** `isSent` is false for the part of a pipe that callers do not send. */
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
  // BigInt() takes more time for each digit, the more digits there are.
  return TAKES_ANY_TEXT.has(def.type) || (def.type === 'bigint' && 'coerce' in def && def.coerce === true);
}

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
