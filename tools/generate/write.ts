import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compareFiles, type Difference } from './compare.ts';
import type { Files } from './files.ts';

/** Writes what was generated into the repository; returns what differed before. */
export async function writeFiles(root: string, generated: Files): Promise<Difference[]> {
  const differences = await compareFiles(root, generated);
  for (const { file } of differences) {
    const path = join(root, file);
    const content = generated.get(file);
    if (content === undefined) {
      await rm(path);
    } else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }
  return differences;
}
