import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Files, readGeneratedFiles } from './files.ts';

export type Difference = { file: string; is: 'stale' | 'missing' | 'no longer generated' };

export async function compareFiles(root: string, generated: Files): Promise<Difference[]> {
  const present = await readGeneratedFiles(root);
  const differences: Difference[] = [];
  for (const file of new Set([...present.keys(), ...generated.keys()])) {
    if (!generated.has(file)) differences.push({ file, is: 'no longer generated' });
    else if (!present.has(file)) differences.push({ file, is: 'missing' });
    else if (present.get(file) !== generated.get(file)) differences.push({ file, is: 'stale' });
  }
  return differences.sort((a, b) => (a.file < b.file ? -1 : 1));
}

export function describeDifference({ file, is }: Difference): string {
  return `${file} is ${is}: run "npm run generate"`;
}

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
