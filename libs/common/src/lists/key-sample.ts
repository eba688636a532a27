import type { Collection, Document } from 'mongodb';
import { engineOf } from '../database/engine.ts';
import { compareKeys, type Key } from './sort-order.ts';

/** Keys of some documents, ascending, and how many documents there are between two of them. */
export type KeySample = { keys: readonly Key[]; apart: number };

export type KeySamples = {
  /** Returns undefined where a range of the index needs no bounds to be cheap. */
  of(field: string): Promise<KeySample | undefined>;
};

const SIZE = 1_000;
/** Fewer documents are sorted at once. */
const FEW = 2_000;
const FRESH_MS = 600_000;
/** Whether there are enough documents costs little to ask, and an import may bring very many at once: it is asked so many times as often. */
const ASKED_AGAIN = 60;

/**
 * DocumentDB reads all of a range before it returns its first document, so a page is read by ranges that hold about as many as it
 * needs. Where these begin and end is guessed from a random sample, which is renewed every ten minutes, when it is used. A bad guess
 * costs time and changes no answer. See docs/decisions/0059.
 */
export function createKeySamples<D extends Document>(
  collection: Collection<D>,
  freshMs = FRESH_MS,
): KeySamples {
  const known = new Map<string, { sample: Promise<KeySample | undefined>; until: number }>();

  async function take(field: string): Promise<KeySample | undefined> {
    if ((await engineOf(collection.db)) !== 'documentdb') return undefined;
    const documents = await collection.estimatedDocumentCount();
    if (documents < FEW) return undefined;
    const sampled = await collection
      .aggregate<Document>([{ $sample: { size: SIZE } }, { $project: { _id: 0, [field]: 1 } }])
      .toArray();
    const keys = sampled
      .map((document): unknown => document[field])
      .filter((key): key is Key => typeof key === 'string' || key instanceof Date)
      .toSorted(compareKeys);
    return { keys, apart: documents / Math.max(1, keys.length) };
  }

  return {
    async of(field) {
      const last = known.get(field);
      if (last && Date.now() < last.until) return last.sample;
      const sample = take(field);
      const kept = { sample, until: Date.now() + freshMs };
      known.set(field, kept);
      sample.then(
        (taken) => {
          if (!taken) kept.until = Date.now() + freshMs / ASKED_AGAIN;
        },
        () => known.delete(field),
      );
      // An old sample serves while a new one is taken.
      return last?.sample ?? sample;
    },
  };
}

/** Returns ends of ranges behind `after`, in the order of the direction; together they hold about `wanted` documents, then ever more. */
export function rangeEnds(
  { keys, apart }: KeySample,
  { after, before }: { after?: Key | undefined; before?: Key | undefined },
  direction: 1 | -1,
  wanted: number,
): Key[] {
  const isAhead = (key: Key) =>
    (after === undefined || direction * compareKeys(key, after) > 0) &&
    (before === undefined || compareKeys(key, before) < 0);
  const ahead = keys.filter(isAhead);
  const ordered = direction > 0 ? ahead : ahead.toReversed();
  const ends: Key[] = [];
  let stride = Math.max(1, Math.ceil(wanted / apart));
  for (let at = stride - 1; at < ordered.length; at += stride) {
    const key = ordered[at];
    const last = ends.at(-1);
    if (key !== undefined && (last === undefined || compareKeys(key, last) !== 0)) ends.push(key);
    stride *= 2;
  }
  return ends;
}
