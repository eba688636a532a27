import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from 'mongodb';

export type Counts = Record<string, number>;

/** Writes each collection into `<collection>.bson`. @throws {Error} when the folder exists */
export async function dump(db: Db, folder: string): Promise<Counts> {
  await mkdir(folder, { mode: 0o700 });
  const counts: Counts = {};
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of collections.filter(({ name }) => !name.startsWith('system.'))) {
    const file = createWriteStream(join(folder, `${name}.bson`), { mode: 0o600 });
    counts[name] = 0;
    // Sorted by its id, a document that changes meanwhile appears exactly once.
    for await (const document of db.collection(name).find({}, { raw: true, sort: { _id: 1 } })) {
      counts[name] += 1;
      if (!file.write(document)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'finish');
  }
  return counts;
}
