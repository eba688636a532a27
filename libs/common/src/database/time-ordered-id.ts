import { randomBytes } from 'node:crypto';
import { ObjectId } from 'mongodb';

const MS_SHIFT = 6;
const RANDOM_BITS = 2 ** MS_SHIFT - 1;

/**
 * Makes an id whose order is that of its time: 4 bytes of seconds, as in every ObjectId, then 10 bits of
 * milliseconds and 54 random bits. A document that has it and the same `created_at` is listed by `_id`.
 */
export function timeOrderedId(at: Date): ObjectId {
  const bytes = randomBytes(12);
  const ms = at.getTime();
  bytes.writeUInt32BE(Math.floor(ms / 1_000), 0);
  bytes.writeUInt16BE(((ms % 1_000) << MS_SHIFT) | (bytes.readUInt16BE(4) & RANDOM_BITS), 4);
  return new ObjectId(bytes);
}
