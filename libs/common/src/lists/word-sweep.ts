import { setTimeout as delay } from 'node:timers/promises';
import type { AnyBulkWriteOperation, Collection, Filter, ObjectId, WithId } from 'mongodb';
import { batchWrites } from '../database/batched-writes.ts';
import { conditionalUpdate, type Expected } from '../database/conditional-update.ts';
import { ROLLED_OUT_MS } from '../database/database.ts';
import { engineOf, indexHint } from '../database/engine.ts';
import type { Log } from '../process/logging.ts';
import { LAST_DATE, type Listed } from './stored-order.ts';

/** `after` is where the walk through all documents goes on; `checked_at` is when the last check began. */
type SweepState = { _id: string; after?: ObjectId; checked_at?: Date };

export type WordSweep<D extends Listed> = {
  collection: Collection<D>;
  /** In this collection the service notes how far it is. */
  stateName: string;
  /** The fields that {@link WordSweep.wordsOf} reads. */
  fields: readonly (keyof D & string)[];
  wordsOf(document: D): string[];
  log: Log;
  signal: AbortSignal;
  /** After this time no process of the earlier release writes any more. */
  afterMs?: number | undefined;
  againMs?: number | undefined;
};

/** It is part of the state's id: documents are walked through again when words get another form. */
const FORM = 1;
const BATCH = 500;
const AGAIN_MS = 10_000;
/** Clocks of replicas differ, and a write arrives after its time. */
const MARGIN_MS = 60_000;

/**
 * Gives documents the words that an earlier release did not give them: once to all, and at each start to those written since the
 * last check, at once and after the roll-out. Ends when both are done. Replicas may do the same at the same time.
 */
export async function sweepWords<D extends Listed>(options: WordSweep<D>): Promise<void> {
  const { log, signal, afterMs = ROLLED_OUT_MS, againMs = AGAIN_MS } = options;
  for (const startMs of [0, afterMs]) {
    for (let pauseMs = startMs; ; pauseMs = againMs) {
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await checkWords(options);
        break;
      } catch (err) {
        if (signal.aborted) return;
        log.warn({ err }, 'giving words to documents of an earlier release failed for now');
      }
    }
  }
}

async function checkWords<D extends Listed>(options: WordSweep<D>): Promise<void> {
  const { collection, log, signal } = options;
  const states = collection.db.collection<SweepState>(options.stateName);
  const _id = `words ${FORM} of ${collection.collectionName}`;
  const note = (set: Partial<SweepState>) => states.updateOne({ _id }, { $set: set }, { upsert: true });
  const state = await states.findOne({ _id });
  const began = new Date();
  let given = 0;
  const batches = state?.checked_at
    ? writtenSince(options, new Date(state.checked_at.getTime() - MARGIN_MS))
    : allAfter(options, state?.after);
  for await (const batch of batches) {
    if (signal.aborted) return;
    given += await giveWords(options, batch);
    const last = batch.at(-1);
    if (!state?.checked_at && last) await note({ after: last._id });
  }
  if (signal.aborted) return;
  await note({ checked_at: began });
  if (given > 0) log.info({ given }, 'documents of an earlier release can be found by their words');
}

async function* allAfter<D extends Listed>(options: WordSweep<D>, from: ObjectId | undefined) {
  const { collection } = options;
  const hint = await indexHint(collection.db, { _id: 1 });
  for (let after = from; ; ) {
    const filter = (after ? { _id: { $gt: after } } : {}) as Filter<D>;
    const batch = await collection.find(filter, { sort: { _id: 1 }, limit: BATCH, ...hint }).toArray();
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH) return;
    after = batch.at(-1)?._id;
  }
}

/** The order does not matter, and a sort would read everything first. */
async function* writtenSince<D extends Listed>(options: WordSweep<D>, since: Date) {
  const hint = await indexHint(options.collection.db, { updated_at: 1, _id: 1 });
  const filter = { updated_at: { $gte: since, $lt: LAST_DATE } } as Filter<Listed> as Filter<D>;
  const found = options.collection.find(filter, { batchSize: BATCH, ...hint });
  try {
    while (!options.signal.aborted && (await found.hasNext())) yield found.readBufferedDocuments();
  } finally {
    await found.close();
  }
}

/** A document that is written meanwhile gets its words from that write, or from the next check. @returns how many lacked words */
async function giveWords<D extends Listed>(options: WordSweep<D>, documents: WithId<D>[]): Promise<number> {
  const { collection, fields, wordsOf } = options;
  const engine = await engineOf(collection.db);
  const writes = documents.flatMap((document) => {
    // A tombstone lacks a field, and keeps no words.
    const read = Object.fromEntries(fields.map((name) => [name, Reflect.get(document, name)]));
    if (Object.values(read).some((value) => value === undefined)) return [];
    const words = wordsOf(document as D);
    if (words.join(' ') === document.words?.join(' ')) return [];
    const { _id } = document;
    const change = { set: { words } as unknown as Partial<D> };
    const updateOne = conditionalUpdate<D>(engine, _id, read as Expected<D>, change);
    return [{ _id, write: { updateOne } as AnyBulkWriteOperation<D> }];
  });
  await batchWrites(collection, writes);
  return writes.length;
}
