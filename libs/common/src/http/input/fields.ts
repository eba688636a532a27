import * as z from 'zod';
import { boundedString, cut, isLonger } from './bounds.ts';
import { valueError, type Wording } from './format-wording.ts';
import { counted } from './wording.ts';

export const ID = /^[0-9a-f]{24}$/;
// Python's int() takes this, as far as a URL carries it.
const INTEGER = /^\s*[+-]?\d+(\.0*)?\s*$/;
/** Python's int() takes no more digits. */
const MAX_DIGITS = 4300;
const noInteger: Wording = {
  type: 'int_parsing',
  msg: 'Input should be a valid integer, unable to parse string as an integer',
};
const NO_NUL = '^[^\\u0000]*$';
const MAX_SKIP = 2_147_483_647;
const MAX_LIMIT = 1000;

/** Makes a schema of stored text: its length counts code points; NUL and lone surrogates are refused. */
export function text({ min, max }: { min?: number; max: number }) {
  return boundedString((ctx) => report(ctx, lengthFault(ctx.value, max) ?? textFault(ctx.value, min))).meta({
    pattern: NO_NUL,
    ...(min === undefined ? {} : { minLength: min }),
    maxLength: max,
  });
}

/** Makes a schema of text to look up; text over `max` code points is valid, but cut to match nothing. */
export function sought({ min, max }: { min?: number; max: number }) {
  return boundedString((ctx) => {
    ctx.value = cut(ctx.value, max);
    report(ctx, textFault(ctx.value, min));
  }).meta({ pattern: NO_NUL, ...(min === undefined ? {} : { minLength: min }) });
}

/** Makes a schema of text that filters a list; text over `max` code points is cut like {@link sought}. */
export function filter({ max }: { max: number }) {
  return boundedString((ctx) => {
    ctx.value = cut(ctx.value, max);
  });
}

const ID_LENGTH = 24;
const noId: Wording = {
  type: 'string_pattern_mismatch',
  msg: `String should match pattern '${ID.source}'`,
  ctx: { pattern: ID.source },
};

/** The schema of an id in a query. */
export const idText = boundedString((ctx) => {
  ctx.value = cut(ctx.value, ID_LENGTH);
  report(ctx, ID.test(ctx.value) ? undefined : noId);
}).meta({ pattern: ID.source });

/** Makes the schema of a new password. */
export const password = () => text({ min: 8, max: 128 });

/** Makes a field of an update optional; `null` means the same as leaving it out. */
export function unchangedIfNull<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** Makes a schema of a whole number in a query string. */
export function queryInt(rule: { min: number; max: number; fallback: number }) {
  return boundedString((ctx) => {
    if (ctx.value.length > MAX_DIGITS) report(ctx, noInteger);
  })
    .optional()
    .meta({ type: 'integer', minimum: rule.min, maximum: rule.max, default: rule.fallback })
    .transform((value, ctx) => {
      if (value === undefined) return rule.fallback;
      const broken = intFault(value, rule);
      if (broken === undefined) return Number(value);
      report(ctx, broken);
      return z.NEVER;
    });
}

const noFlag: Wording = {
  type: 'bool_parsing',
  msg: 'Input should be a valid boolean, unable to interpret input',
};

/** Makes a schema of `true` or `false` in a query string, which may be left out. */
export function queryFlag() {
  return boundedString((ctx) => report(ctx, ['true', 'false'].includes(ctx.value) ? undefined : noFlag))
    .optional()
    .meta({ type: 'boolean' })
    .transform((value) => (value === undefined ? undefined : value === 'true'));
}

export const pageQuery = z.object({
  skip: queryInt({ min: 0, max: MAX_SKIP, fallback: 0 }).meta({ description: 'How many to pass over' }),
  limit: queryInt({ min: 1, max: MAX_LIMIT, fallback: 100 }).meta({ description: 'Most to return' }),
});

export type Page = z.output<typeof pageQuery>;

function lengthFault(value: string, max: number): Wording | undefined {
  if (!isLonger(value, max)) return undefined;
  const msg = `String should have at most ${counted(max, 'character')}`;
  return { type: 'string_too_long', msg, ctx: { max_length: max } };
}

function textFault(value: string, min: number | undefined): Wording | undefined {
  if (!value.isWellFormed()) {
    const msg = 'Input should be a valid string, unable to parse raw data as a unicode string';
    return { type: 'string_unicode', msg };
  }
  if (value.includes('\0')) {
    return valueError('text must not contain a NUL character');
  }
  if (min !== undefined && !isLonger(value, min - 1)) {
    const msg = `String should have at least ${counted(min, 'character')}`;
    return { type: 'string_too_short', msg, ctx: { min_length: min } };
  }
  return undefined;
}

/** Tells what is wrong with a whole number in text, in FastAPI's words. */
export function intFault(value: string, { min, max }: { min: number; max: number }): Wording | undefined {
  if (!INTEGER.test(value)) return noInteger;
  if (Number(value) < min) {
    const msg = `Input should be greater than or equal to ${min}`;
    return { type: 'greater_than_equal', msg, ctx: { ge: min } };
  }
  if (Number(value) > max) {
    return { type: 'less_than_equal', msg: `Input should be less than or equal to ${max}`, ctx: { le: max } };
  }
  return undefined;
}

/** Adds a broken rule with its wording to a zod check or transform. */
export function report<T>(ctx: z.core.ParsePayload<T>, broken: Wording | undefined): void {
  if (broken) ctx.issues.push({ code: 'custom', input: ctx.value, message: broken.msg, params: broken });
}
