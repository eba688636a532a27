import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partsIn, placed } from './docs/parts.ts';

const root = join(import.meta.dirname, '..');
for (const part of partsIn(root)) {
  const path = join(root, part.file);
  const before = await readFile(path, 'utf8');
  const after = placed(before, part);
  if (after === before) continue;
  await writeFile(path, after);
  console.log(`wrote the ${part.name} in ${part.file}`);
}
