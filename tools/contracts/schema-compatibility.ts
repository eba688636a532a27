import { isDeepStrictEqual } from 'node:util';
import {
  allows,
  type Keywords,
  readKeywords,
  typesOf,
  unknownKeywords,
  withoutNotes,
} from './schema-keywords.ts';
import { limitChanges, typeChanges, valueChanges } from './schema-limits.ts';

/**
 * Returns a sentence for each change that a consumer of the published schema could not read or that cannot be
 * analysed. A removed optional field counts too: its name could return with another meaning.
 * @throws {z.ZodError} when one of them is no schema of draft-07
 */
export const unreadableChanges = (published: unknown, current: unknown): string[] => [
  ...new Set(compare('data', withoutNotes(published), withoutNotes(current))),
];

function compare(path: string, published: unknown, current: unknown): string[] {
  if (isDeepStrictEqual(published, current) || current === false) return [];
  const [was, is] = [readKeywords(published), readKeywords(current)];
  if (was.anyOf || is.anyOf) return alternativeChanges(path, published, current);
  return [
    ...typeChanges(path, was, is),
    ...valueChanges(path, was, is),
    ...limitChanges(path, was, is),
    ...(allows(is, 'array') ? itemChanges(path, was, is) : []),
    ...(allows(is, 'object') ? fieldChanges(path, was, is) : []),
    ...unknownKeywords(was, is)
      .filter((keyword) => !isDeepStrictEqual(was[keyword], is[keyword]))
      .map((keyword) => `${path}: ${keyword} has changed, and cannot be compared`),
  ];
}

function alternativeChanges(path: string, published: unknown, current: unknown): string[] {
  const [before, now] = [alternativesOf(published), alternativesOf(current)];
  if (!before || !now) return [`${path}: has alternatives beside other rules, which cannot be compared`];
  return now.flatMap((one) => {
    if (before.some((old) => compare(path, old, one).length === 0)) return [];
    const types = typesOf(readKeywords(one));
    if (types?.join() === 'null') return [`${path}: may be null now`];
    const alike = before.filter((old) => isDeepStrictEqual(typesOf(readKeywords(old)), types));
    if (alike.length === 1) return compare(path, alike[0], one);
    return [`${path}: has an alternative that it did not have (${types?.join(' or ') ?? 'anything'})`];
  });
}

function alternativesOf(schema: unknown): unknown[] | undefined {
  const { anyOf, type = [] } = readKeywords(schema);
  if (!anyOf) return type.length < 2 ? [schema] : type.map((one) => ({ ...Object(schema), type: one }));
  if (Object.keys(Object(schema)).length > 1) return undefined;
  const alternatives = anyOf.map(alternativesOf);
  return alternatives.every((one) => one !== undefined) ? alternatives.flat() : undefined;
}

function itemChanges(path: string, was: Keywords, is: Keywords): string[] {
  const unique = was.uniqueItems && !is.uniqueItems ? [`${path}: may hold the same twice now`] : [];
  if (was.items === undefined) return unique;
  if (Array.isArray(was.items) || Array.isArray(is.items)) {
    const same = isDeepStrictEqual(was.items, is.items);
    return same ? unique : [...unique, `${path}: items at their places have changed, and cannot be compared`];
  }
  return [...unique, ...compare(`${path}[]`, was.items, is.items ?? true)];
}

function fieldChanges(path: string, was: Keywords, is: Keywords): string[] {
  const changes: string[] = [];
  const added = Object.keys(is.properties).filter((name) => !Object.hasOwn(was.properties, name));
  for (const name of new Set([...Object.keys(was.properties), ...was.required])) {
    const field = `${path}.${name}`;
    const described = Object.hasOwn(was.properties, name);
    const before = described ? was.properties[name] : true;
    const there = Object.hasOwn(is.properties, name);
    if (was.required.includes(name) && !is.required.includes(name)) {
      const renamed = added.filter((other) => isDeepStrictEqual(is.properties[other], before));
      const hint = renamed.length > 0 ? ` (renamed to ${renamed.join(' or ')}?)` : '';
      changes.push(
        there ? `${field}: was required, may be missing now` : `${field}: was required, is gone${hint}`,
      );
    } else if (described && !there && is.additionalProperties !== false) {
      changes.push(`${field}: is gone, so that its name could come back with another meaning`);
    }
    if (there) changes.push(...compare(field, before, is.properties[name]));
  }
  const further = was.additionalProperties ?? true;
  for (const name of added) {
    if (further === false) changes.push(`${path}.${name}: is new, and no further fields were allowed`);
    else changes.push(...compare(`${path}.${name}`, further, is.properties[name]));
  }
  if (is.additionalProperties === false) return changes;
  if (further === false) return [...changes, `${path}: allows further fields now`];
  return [...changes, ...compare(`${path}.*`, further, is.additionalProperties ?? true)];
}
