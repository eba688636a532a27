import * as z from 'zod';
import type { ValidationDetail } from '../../errors.ts';

/** The part of a request that a schema describes. */
export type Part = 'body' | 'form' | 'query';

const REDACTED = '[redacted]';
const SECRET_NAME = /pass|pwd|token|secret/i;

const ruleBroken = z.object({
  type: z.string(),
  msg: z.string(),
  ctx: z.record(z.string(), z.unknown()).optional(),
});

/**
 * zod's issues as FastAPI words them, one for each field at fault.
 * @param raw what was parsed, to show as `input`
 */
export function toDetails(err: z.ZodError, part: Part, raw: unknown): ValidationDetail[] {
  const seen = new Set<string>();
  return err.issues
    .map((issue) => toDetail(issue, part, raw))
    .filter(({ loc }) => {
      const key = loc.join('\0');
      return !seen.has(key) && seen.add(key);
    });
}

/** A body or form that is not there at all. */
export const missingBody: ValidationDetail = {
  type: 'missing',
  loc: ['body'],
  msg: 'Field required',
  input: null,
};

/** Whether a field of a body is a password or a token. */
export function holdsSecrets(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject && Object.keys(schema.shape).some((name) => SECRET_NAME.test(name));
}

/**
 * A body that is not a JSON object: an array, a scalar, or not sent as JSON.
 * @param isSecret hides all of it: where there are no fields, a secret cannot be told from the rest
 */
export function notAnObject(input: unknown, isSecret: boolean): ValidationDetail {
  const isHidden = isSecret || (typeof input === 'string' && SECRET_NAME.test(input));
  return {
    type: 'model_attributes_type',
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from',
    input: isHidden ? REDACTED : redact(input),
  };
}

/** @param position index of the character at which JSON ends to make sense */
export function notJson(position: number, err: string): ValidationDetail {
  return {
    type: 'json_invalid',
    loc: ['body', position],
    msg: 'JSON decode error',
    input: {},
    ctx: { error: err },
  };
}

/** The same value with every password and token in it blanked. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET_NAME.test(name) ? REDACTED : redact(inner)]),
  );
}

function toDetail(issue: z.core.$ZodIssue, part: Part, raw: unknown): ValidationDetail {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  const loc = [part === 'form' ? 'body' : part, ...path];
  const input = valueAt(raw, path);
  if (input === undefined) {
    // FastAPI shows the object that lacks the field, and nothing for a form or a query.
    const around = part === 'body' ? redact(valueAt(raw, path.slice(0, -1))) : null;
    return { type: 'missing', loc, msg: 'Field required', input: around };
  }
  const shown = SECRET_NAME.test(String(path.at(-1))) ? REDACTED : redact(input);
  return { ...wording(issue), loc, input: shown };
}

function wording(issue: z.core.$ZodIssue): { type: string; msg: string; ctx?: Record<string, unknown> } {
  if (issue.code === 'custom') {
    const { type, msg, ctx } = ruleBroken.parse(issue.params);
    return ctx ? { type, msg, ctx } : { type, msg };
  }
  if (issue.code === 'invalid_type' && issue.expected === 'string') {
    return { type: 'string_type', msg: 'Input should be a valid string' };
  }
  if (issue.code === 'invalid_type' && issue.expected === 'boolean') {
    return { type: 'bool_type', msg: 'Input should be a valid boolean' };
  }
  if (issue.code === 'invalid_value') {
    const expected = quotedList(issue.values.map(String));
    return { type: 'enum', msg: `Input should be ${expected}`, ctx: { expected } };
  }
  throw new Error(`no wording for zod's issue ${issue.code}: add it to ${import.meta.filename}`);
}

function quotedList(values: string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  return [quoted.slice(0, -1).join(', '), quoted.at(-1)].filter(Boolean).join(' or ');
}

function valueAt(raw: unknown, path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    raw,
  );
}
