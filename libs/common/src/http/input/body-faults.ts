import * as z from 'zod';
import type { ValidationDetail } from '../../errors.ts';

export const REDACTED = '[redacted]';
const SECRET_NAME = /pass|pwd|token|secret/i;

/** Tells whether a field of this name is a password or a token. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

export const missingBody: ValidationDetail = {
  type: 'missing',
  loc: ['body'],
  msg: 'Field required',
  input: null,
};

/** Tells whether a body has a field that is a password or a token. */
export function holdsSecrets(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject && Object.keys(schema.shape).some((name) => isSecretName(name));
}

/** Describes a body that is no JSON object; `isSecret` hides it, since secrets have no field names there. */
export function notAnObject(input: unknown, isSecret: boolean): ValidationDetail {
  const isHidden = isSecret || (typeof input === 'string' && isSecretName(input));
  return {
    type: 'model_attributes_type',
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from',
    input: isHidden ? REDACTED : redact(input),
  };
}

/** Describes a text that stops being JSON at the character `position`. */
export function notJson(position: number, err: string): ValidationDetail {
  return {
    type: 'json_invalid',
    loc: ['body', position],
    msg: 'JSON decode error',
    input: {},
    ctx: { error: err },
  };
}

/** Copies a value, with every password and token in it blanked. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecretName(name) ? REDACTED : redact(inner)]),
  );
}
