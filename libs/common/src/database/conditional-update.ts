import type { Collection, Document, Filter, UpdateFilter } from 'mongodb';
import { type Engine, engineOf } from './engine.ts';

/** `set` and `unset` replace and remove fields, `grow` adds 1 to numbers, `push` appends to arrays. */
export type Change<D> = {
  set?: Partial<D>;
  unset?: readonly (keyof D & string)[];
  grow?: readonly (keyof D & string)[];
  push?: { [K in keyof D]?: D[K] & readonly unknown[] };
};

/** What fields contained when they were read; undefined means that the field was missing. */
export type Expected<D> = { readonly [K in keyof D]?: D[K] | undefined };

/**
 * Changes one document if it still contains what is expected, and returns whether it did.
 * The change must alter at least one expected field, or the engines would answer differently.
 */
export async function updateIf<D extends { _id: unknown }>(
  collection: Collection<D>,
  _id: D['_id'],
  expected: Expected<D>,
  change: Change<D>,
): Promise<boolean> {
  const { filter, update } = conditionalUpdate(await engineOf(collection.db), _id, expected, change);
  return (await collection.updateOne(filter, update)).modifiedCount === 1;
}

/** The same for a bulk write. The embedded engine finds by `_id` alone: see docs/databases.md. */
export function conditionalUpdate<D extends { _id: unknown }>(
  engine: Engine,
  _id: D['_id'],
  expected: Expected<D>,
  change: Change<D>,
): { filter: Filter<D>; update: UpdateFilter<D> | Document[] } {
  if (engine === 'embedded') {
    return { filter: { _id } as Filter<D>, update: [{ $set: comparing(expected, change) }] };
  }
  const conditions = mapValues(expected, (value) => value ?? (value === null ? null : { $exists: false }));
  return { filter: { _id, ...conditions } as Filter<D>, update: toUpdate(change) as UpdateFilter<D> };
}

function toUpdate<D>({ set = {}, unset = [], grow = [], push = {} }: Change<D>): Document {
  const operators = {
    $set: defined(set),
    $unset: Object.fromEntries(unset.map((name) => [name, ''])),
    $inc: Object.fromEntries(grow.map((name) => [name, 1])),
    $push: mapValues(push, (values) => ({ $each: values })),
  };
  return Object.fromEntries(Object.entries(operators).filter(([, fields]) => Object.keys(fields).length > 0));
}

/** Every field becomes what it was unless the document is as expected. */
function comparing<D>(expected: Expected<D>, { set = {}, unset = [], grow = [], push = {} }: Change<D>) {
  const isSame = { $and: Object.entries(expected).map(([name, value]) => contains(name, value)) };
  const fields: Record<string, unknown> = {
    ...mapValues(defined(set), ($literal) => ({ $literal })),
    ...Object.fromEntries(unset.map((name) => [name, '$$REMOVE'])),
    ...Object.fromEntries(grow.map((name) => [name, { $add: [orElse(name, 0), 1] }])),
    ...mapValues(push, ($literal, name) => ({ $concatArrays: [orElse(name, []), { $literal }] })),
  };
  return mapValues(fields, (value, name) => ({ $cond: [isSame, value, `$${name}`] }));
}

const orElse = (name: string, value: unknown) => ({ $ifNull: [`$${name}`, value] });

const contains = (name: string, value: unknown) =>
  value === undefined
    ? { $eq: [{ $type: `$${name}` }, 'missing'] }
    : { $eq: [`$${name}`, { $literal: value }] };

/** Returns the document as it is after the change. */
export function applyChange<D extends object>(
  document: D,
  { set = {}, unset = [], grow = [], push = {} }: Change<D>,
): D {
  const before: Record<string, unknown> = Object.fromEntries(Object.entries(document));
  const after: Record<string, unknown> = { ...before, ...defined(set) };
  for (const name of grow) after[name] = Number(before[name] ?? 0) + 1;
  for (const [name, values] of Object.entries(push)) after[name] = [before[name] ?? [], values].flat();
  for (const name of unset) delete after[name];
  return after as D;
}

/** The driver leaves undefined out, too. */
const defined = (fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const mapValues = <R>(fields: object, map: (value: unknown, name: string) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, map(value, name)]));
