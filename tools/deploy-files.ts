import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deployFiles } from './deploy-files/deploy-files.ts';

/** Writes what containers of others are configured with. A test compares it with what is there. */
const root = join(import.meta.dirname, '..');

for (const [file, content] of deployFiles()) {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  console.log(`wrote ${file}`);
}
