import type * as z from 'zod';
import type { ValidationDetail } from '../../errors.ts';
import { isSecretName, REDACTED, redact } from './body-faults.ts';
import { valueError, type Wording } from './format-wording.ts';
import { defOf, schemaAt } from './input-schema.ts';
import { wordingOf } from './wording.ts';

export type Part = 'body' | 'form' | 'query' | 'header';

/** It gets the kind of a broken rule that has no wording, in zod's words. */
export type OnUnworded = (kind: string) => void;

type Path = (string | number)[];

type Checked = { part: Part; raw: unknown; onUnworded: OnUnworded };

/** Checks one part of a request; `details` has one entry for each field at fault, in FastAPI's shape. */
export function validate(
  schema: z.ZodType,
  part: Part,
  raw: unknown,
  onUnworded: OnUnworded = () => undefined,
): { data: unknown; details: ValidationDetail[] } {
  const { data, error } = schema.safeParse(raw);
  const checked = { part, raw, onUnworded };
  const byPlace = new Map<string, ValidationDetail>();
  for (const detail of (error?.issues ?? []).flatMap((issue) => toDetails(issue, [], schema, checked))) {
    const place = detail.loc.join('\0');
    if (!byPlace.has(place)) byPlace.set(place, detail);
  }
  return { data, details: [...byPlace.values()] };
}

/** The issue's own path starts from the value at `above`, which `schema` describes. */
function toDetails(
  issue: z.core.$ZodIssue,
  above: Path,
  schema: z.core.$ZodType | undefined,
  checked: Checked,
): ValidationDetail[] {
  const path = [...above, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  const here = schema && schemaAt(schema, issue.path);
  const detail = (wording: Wording, at = path): ValidationDetail => ({ ...wording, ...shown(at, checked) });
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) =>
        detail({ type: 'extra_forbidden', msg: 'Extra inputs are not permitted' }, [...path, key]),
      );
    case 'invalid_key':
      // The name of a field is at fault, not its value.
      return issue.issues.flatMap((inner) => {
        const name = path.at(-1);
        const place = { input: name, schema: undefined, isText: true };
        return { ...worded(inner, place, checked), loc: locOf([...path, '[key]'], checked), input: name };
      });
    case 'invalid_element':
      return issue.issues.flatMap((inner) => toDetails(inner, path, undefined, checked));
    case 'invalid_union':
      return unionDetails(issue, path, here, checked);
    default: {
      const input = valueAt(checked.raw, path);
      if (input === undefined && issue.code !== 'custom') return [missing(path, checked)];
      return [detail(worded(issue, { input, schema: here, isText: checked.part !== 'body' }, checked))];
    }
  }
}

/** The details are those of the option that was meant, where that is clear. */
function unionDetails(
  issue: Extract<z.core.$ZodIssue, { code: 'invalid_union' }>,
  path: Path,
  schema: z.core.$ZodType | undefined,
  checked: Checked,
): ValidationDetail[] {
  const detail = (wording: Wording, at = path) => ({ ...wording, ...shown(at, checked) });
  if (valueAt(checked.raw, path) === undefined && !('discriminator' in issue))
    return [missing(path, checked)];
  if (issue.inclusive === false) return [detail(valueError('input fits more than one of the allowed kinds'))];
  if (issue.discriminator !== undefined) {
    const discriminator = `'${issue.discriminator}'`;
    const tag = valueAt(checked.raw, path);
    const around = path.slice(0, -1);
    if (tag === undefined) {
      const msg = `Unable to extract tag using discriminator ${discriminator}`;
      return [detail({ type: 'union_tag_not_found', msg, ctx: { discriminator } }, around)];
    }
    const shownTag = isSecretName(issue.discriminator) ? REDACTED : String(tag);
    const expected = (issue.options ?? []).map((option) => `'${String(option)}'`).join(', ');
    const msg = `Input tag '${shownTag}' found using ${discriminator} does not match any of the expected tags: ${expected}`;
    const ctx = { discriminator, tag: shownTag, expected_tags: expected };
    return [detail({ type: 'union_tag_invalid', msg, ctx }, around)];
  }
  const union = schema && defOf(schema);
  const options = union?.type === 'union' ? union.options : [];
  const attempts = issue.errors.map((issues, at) => ({ issues, option: options[at] }));
  const [meant, ...others] = attempts.filter(({ issues }) =>
    issues.every(({ path: { length } }) => length > 0),
  );
  if (meant && others.length === 0) {
    return meant.issues.flatMap((inner) => toDetails(inner, path, meant.option, checked));
  }
  if (meant) return [detail(valueError('input fits none of the allowed kinds'))];
  const kinds = attempts
    .flatMap(({ issues, option }) =>
      issues.slice(0, 1).flatMap((inner) => toDetails(inner, path, option, checked)),
    )
    .filter(({ type }, _at, all) => type !== 'none_required' || all.length === 1);
  return eitherOf(kinds);
}

function eitherOf(kinds: ValidationDetail[]): ValidationDetail[] {
  const [first, ...more] = kinds;
  if (!first || more.length === 0) return kinds;
  const lead = 'Input should be ';
  const wanted = [...new Set(kinds.map(({ msg }) => msg.replace(lead, '')))];
  const { type, loc, input } = first;
  return [{ type, loc, msg: lead + wanted.join(' or '), input }];
}

function worded(issue: z.core.$ZodIssue, place: Parameters<typeof wordingOf>[1], checked: Checked): Wording {
  const wording = wordingOf(issue, place);
  if (wording) return wording;
  checked.onUnworded('format' in issue ? `${issue.code} ${issue.format}` : String(issue.code));
  return valueError(issue.message);
}

/** FastAPI shows the object that lacks the field, and nothing for a form or a query. */
function missing(path: Path, checked: Checked): ValidationDetail {
  const around = checked.part === 'body' ? redact(valueAt(checked.raw, path.slice(0, -1))) : null;
  return { type: 'missing', loc: locOf(path, checked), msg: 'Field required', input: around };
}

function shown(path: Path, checked: Checked): { loc: Path; input: unknown } {
  const isSecret = isSecretName(String(path.at(-1)));
  const input = valueAt(checked.raw, path);
  return { loc: locOf(path, checked), input: isSecret ? REDACTED : redact(input ?? null) };
}

const locOf = (path: Path, { part }: Checked): Path => [part === 'form' ? 'body' : part, ...path];

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    raw,
  );
}
