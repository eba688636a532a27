import * as z from 'zod';
import { valueError, type Wording, wrongFormat } from './format-wording.ts';
import { defOf } from './input-schema.ts';

export type Place = {
  input: unknown;
  schema: z.core.$ZodType | undefined;
  /** In a query or a form a number is text that has to be read. */
  isText: boolean;
};

type Issue = z.core.$ZodIssue;
type Of<C extends Issue['code']> = Extract<Issue, { code: C }>;

/** Our own rules carry their wording through zod in a custom issue's `params`. */
const ownWording = z.object({
  type: z.string(),
  msg: z.string(),
  ctx: z.record(z.string(), z.unknown()).optional(),
});

/** Describes one issue; undefined for a rule without wording, unions and keys (see `validation.ts`). */
export function wordingOf(issue: Issue, place: Place): Wording | undefined {
  switch (issue.code) {
    case 'custom':
      return ownWording.safeParse(issue.params).data ?? valueError(issue.message);
    case 'invalid_type':
      return wrongType(issue, place);
    case 'invalid_value':
      return wrongValue(issue, place);
    case 'invalid_format':
      return wrongFormat(issue);
    case 'too_small':
      return outOfBounds(issue, 'least', issue.minimum, place);
    case 'too_big':
      return outOfBounds(issue, 'most', issue.maximum, place);
    case 'not_multiple_of': {
      const multipleOf = figure(issue.divisor);
      return {
        type: 'multiple_of',
        msg: `Input should be a multiple of ${multipleOf}`,
        ctx: { multiple_of: multipleOf },
      };
    }
    default:
      return undefined;
  }
}

/** Writes `1 character` or `2 characters`. */
export const counted = (count: number | bigint, what: string): string =>
  `${count} ${what}${Number(count) === 1 ? '' : 's'}`;

const TYPES: Record<string, Wording> = {
  string: { type: 'string_type', msg: 'Input should be a valid string' },
  boolean: { type: 'bool_type', msg: 'Input should be a valid boolean' },
  null: { type: 'none_required', msg: 'Input should be None' },
  array: { type: 'list_type', msg: 'Input should be a valid list' },
  tuple: { type: 'tuple_type', msg: 'Input should be a valid tuple' },
  set: { type: 'set_type', msg: 'Input should be a valid set' },
  record: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
  map: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
  object: {
    type: 'model_attributes_type',
    msg: 'Input should be a valid dictionary or object to extract fields from',
  },
  never: { type: 'extra_forbidden', msg: 'Extra inputs are not permitted' },
  undefined: { type: 'extra_forbidden', msg: 'Extra inputs are not permitted' },
  void: { type: 'extra_forbidden', msg: 'Extra inputs are not permitted' },
  nonoptional: { type: 'missing', msg: 'Field required' },
};

function wrongType({ expected }: Of<'invalid_type'>, place: Place): Wording {
  const isInteger =
    expected === 'int' || expected === 'bigint' || (expected === 'number' && takesIntegers(place.schema));
  if (isInteger) return wrongNumber('int', 'integer', 'an integer', place);
  if (expected === 'number') return wrongNumber('float', 'number', 'a number', place);
  if (expected === 'date') {
    const msg = 'Input should be a valid datetime';
    if (typeof place.input !== 'string') return { type: 'datetime_type', msg };
    const error = 'unable to parse string as a datetime';
    return { type: 'datetime_parsing', msg: `${msg}, ${error}`, ctx: { error } };
  }
  return (
    TYPES[expected] ?? {
      type: 'is_instance_of',
      msg: `Input should be an instance of ${expected}`,
      ctx: { class: expected },
    }
  );
}

function wrongNumber(type: 'int' | 'float', noun: string, article: string, place: Place): Wording {
  const msg = `Input should be a valid ${noun}`;
  if (typeof place.input === 'string' && (place.isText || isReadFromText(place.schema))) {
    return { type: `${type}_parsing`, msg: `${msg}, unable to parse string as ${article}` };
  }
  if (typeof place.input !== 'number') return { type: `${type}_type`, msg };
  return Number.isFinite(place.input)
    ? { type: 'int_from_float', msg: `${msg}, got a number with a fractional part` }
    : { type: 'finite_number', msg: 'Input should be a finite number' };
}

/** For text, `z.int()` reports the same issue as `z.number()`. */
function takesIntegers(schema: z.core.$ZodType | undefined): boolean {
  const def = schema && defOf(schema);
  if (def?.type !== 'number') return false;
  return [def, ...(def.checks ?? []).map((check) => check._zod.def)].some(
    (rule) => 'format' in rule && typeof rule.format === 'string' && rule.format.includes('int'),
  );
}

function isReadFromText(schema: z.core.$ZodType | undefined): boolean {
  const def = schema && defOf(schema);
  return def !== undefined && (def.type === 'string' || ('coerce' in def && def.coerce === true));
}

function wrongValue(issue: Of<'invalid_value'>, { schema }: Place): Wording {
  if ('expected' in issue && issue.expected === 'stringbool') {
    return { type: 'bool_parsing', msg: 'Input should be a valid boolean, unable to interpret input' };
  }
  const expected = quotedList(issue.values);
  const type = schema && defOf(schema).type === 'literal' ? 'literal_error' : 'enum';
  return { type, msg: `Input should be ${expected}`, ctx: { expected } };
}

/** It writes `'a', 'b' or 3`. */
function quotedList(values: readonly unknown[]): string {
  const quoted = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
  return [quoted.slice(0, -1).join(', '), quoted.at(-1)].filter(Boolean).join(' or ');
}

const COLLECTIONS: Record<string, string> = { array: 'List', set: 'Set', map: 'Dictionary' };

function outOfBounds(
  { origin, inclusive }: Of<'too_small'> | Of<'too_big'>,
  end: 'least' | 'most',
  bound: number | bigint,
  { input }: Place,
): Wording | undefined {
  const side = end === 'least' ? 'short' : 'long';
  const key = end === 'least' ? 'min_length' : 'max_length';
  const limit = figure(bound);
  switch (origin) {
    case 'number':
    case 'int':
    case 'bigint':
      return beyond(end, inclusive ?? false, limit);
    case 'date':
      return beyond(end, inclusive ?? false, new Date(Number(bound)).toISOString());
    case 'string':
      return {
        type: `string_too_${side}`,
        msg: `String should have at ${end} ${counted(bound, 'character')}`,
        ctx: { [key]: limit },
      };
    case 'array':
    case 'set':
    case 'map': {
      const kind = COLLECTIONS[origin];
      const actual = typeof input === 'object' && input !== null ? Object.keys(input).length : 0;
      return {
        type: `too_${side}`,
        msg: `${kind} should have at ${end} ${counted(bound, 'item')} after validation, not ${actual}`,
        ctx: { field_type: kind, [key]: limit, actual_length: actual },
      };
    }
    default:
      return undefined;
  }
}

function beyond(end: 'least' | 'most', inclusive: boolean, bound: number | string): Wording {
  const comparison = end === 'least' ? 'greater' : 'less';
  const key = `${comparison.charAt(0)}${inclusive ? 'e' : 't'}`;
  return {
    type: `${comparison}_than${inclusive ? '_equal' : ''}`,
    msg: `Input should be ${comparison} than ${inclusive ? 'or equal to ' : ''}${bound}`,
    ctx: { [key]: bound },
  };
}

/** JSON cannot carry a large bigint as a number. */
const figure = (value: number | bigint): number | string =>
  typeof value === 'number' || Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
