import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Collection, type Db, ObjectId } from 'mongodb';
import * as z from 'zod';
import { insertOnce } from '../database/database.ts';
import { badRequest } from '../errors.ts';
import type { Position } from './sort-order.ts';

/** Where a reading continues. */
export type Continuation = {
  after: Position;
  /** The order is that of this time; missing when the sort's key never changes. */
  settled?: Date;
  /** Ids that were given out at their new place, and are still ahead at their settled one. */
  given: string[];
  /** Ids that are behind at their settled place, and were not given out yet. */
  pending: string[];
};

/** What a cursor is good for: the list, its sort and filters, and the caller. */
export type CursorScope = readonly (string | boolean | null | undefined)[];

export type Cursors = {
  seal(continuation: Continuation, scope: CursorScope): string;
  /** @throws {AppError} 400 "Invalid cursor" for any other text, and for a cursor of another scope */
  open(cursor: string, scope: CursorScope): Continuation;
};

/** Makes the 400 of a cursor that was changed, or belongs to another list. */
export const invalidCursor = () => badRequest('Invalid cursor');

type StoredKey = { _id: string; key: string };

const MAC_BYTES = 16;
const ID_BYTES = 12;
const KEY_BYTES = 32;
const MOST_IDS = 1_000;

const head = z.tuple([
  z.union([z.object({ ms: z.number() }), z.string()]),
  z.string().regex(/^[0-9a-f]{24}$/),
  z.number().nullable(),
  z.int().min(0).max(MOST_IDS),
]);

/** Opens the cursors of a service. All its replicas sign with one key, which is made once and kept in `stateName`. */
export async function openCursors(db: Db, stateName: string): Promise<Cursors> {
  const key = await signingKey(db.collection<StoredKey>(stateName));
  const macOf = (payload: Buffer, scope: CursorScope): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify(scope))
      .update('\n')
      .update(payload)
      .digest()
      .subarray(0, MAC_BYTES);
  return {
    seal(continuation, scope) {
      const payload = encode(continuation);
      return Buffer.concat([macOf(payload, scope), payload]).toString('base64url');
    },
    open(cursor, scope) {
      const bytes = Buffer.from(cursor, 'base64url');
      const [mac, payload] = [bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES)];
      // Another spelling of the same bytes is a changed cursor, too.
      const isWhole = mac.length === MAC_BYTES && bytes.toString('base64url') === cursor;
      if (!isWhole || !timingSafeEqual(mac, macOf(payload, scope))) throw invalidCursor();
      return decode(payload);
    },
  };
}

async function signingKey(state: Collection<StoredKey>): Promise<Buffer> {
  const _id = 'cursor key';
  const made = randomBytes(KEY_BYTES).toString('base64url');
  const known = await state.findOne({ _id });
  if (known) return Buffer.from(known.key, 'base64url');
  const key = (await insertOnce(state, { _id, key: made })) ? made : (await state.findOne({ _id }))?.key;
  if (key === undefined) throw new Error('the key of the cursors was removed while it was read');
  return Buffer.from(key, 'base64url');
}

/** A line of JSON, then the ids as bytes: base64url of them takes a third less than that of their digits. */
function encode({ after, settled, given, pending }: Continuation): Buffer {
  const key = after.key instanceof Date ? { ms: after.key.getTime() } : after.key;
  const line = JSON.stringify([key, after.id, settled?.getTime() ?? null, given.length]);
  return Buffer.concat([Buffer.from(`${line}\n`), Buffer.from([...given, ...pending].join(''), 'hex')]);
}

/** The payload was signed, so it is ours; another release may have written it. */
function decode(payload: Buffer): Continuation {
  const end = payload.indexOf('\n');
  const read = head.safeParse(parsed(payload.subarray(0, Math.max(end, 0)).toString()));
  if (!read.success) throw invalidCursor();
  const [key, id, settled, count] = read.data;
  const ids = payload.subarray(end + 1);
  const all = Array.from({ length: Math.floor(ids.length / ID_BYTES) }, (_, at) =>
    new ObjectId(ids.subarray(at * ID_BYTES, (at + 1) * ID_BYTES)).toHexString(),
  );
  return {
    after: { key: typeof key === 'string' ? key : new Date(key.ms), id },
    ...(settled === null ? {} : { settled: new Date(settled) }),
    given: all.slice(0, count),
    pending: all.slice(count),
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
