import * as z from 'zod';
import type { ValidationDetail } from '../../errors.ts';

/** Replaces a password or a token in an answer. */
export const REDACTED = '[redacted]';
const SECRET_NAME = /pass|pwd|token|secret/i;

/** Whether a field of this name is a password or a token. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** A body or form that is not there at all. */
export const missingBody: ValidationDetail = {
  type: 'missing',
  loc: ['body'],
  msg: 'Field required',
  input: null,
};

/** Whether a field of a body is a password or a token. */
export function holdsSecrets(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject && Object.keys(schema.shape).some((name) => isSecretName(name));
}

/**
 * A body that is not a JSON object: an array, a scalar, or not sent as JSON.
 * @param isSecret hides it all: without field names a secret cannot be recognised
 */
export function notAnObject(input: unknown, isSecret: boolean): ValidationDetail {
  const isHidden = isSecret || (typeof input === 'string' && isSecretName(input));
  return {
    type: 'model_attributes_type',
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from',
    input: isHidden ? REDACTED : redact(input),
  };
}

/** @param position index of the character at which the text stops being JSON */
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
    Object.entries(value).map(([name, inner]) => [name, isSecretName(name) ? REDACTED : redact(inner)]),
  );
}
