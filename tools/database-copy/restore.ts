import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BSON, type Db } from 'mongodb';
import type { Counts } from './dump.ts';

const EXTENSION = '.bson';
const AT_ONCE = 500;
/** With these options the driver keeps a 64-bit number. */
const UNCHANGED = { promoteValues: false, promoteLongs: false, promoteBuffers: false };

export class NotEmpty extends Error {
  override name = 'NotEmpty';
}

/** Restores into an empty database; the services make the indexes. @throws {NotEmpty} when it is not empty */
export async function restore(db: Db, folder: string): Promise<Counts> {
  const names = (await readdir(folder))
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length));
  for (const name of names) {
    if (await db.collection(name).findOne()) throw new NotEmpty(`the collection ${name} is not empty`);
  }
  const counts: Counts = {};
  for (const name of names) {
    const documents = split(await readFile(join(folder, name + EXTENSION)));
    counts[name] = documents.length;
    for (let at = 0; at < documents.length; at += AT_ONCE) {
      const some = documents.slice(at, at + AT_ONCE).map((bytes) => BSON.deserialize(bytes, UNCHANGED));
      await db.collection(name).insertMany(some);
    }
  }
  return counts;
}

/** A BSON document begins with its length. */
function split(bytes: Buffer): Buffer[] {
  const documents: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + bytes.readInt32LE(at);
    documents.push(bytes.subarray(at, end));
    at = end;
  }
  return documents;
}
