import { type Files, readGeneratedFiles } from './files.ts';

/** How a file in the repository differs from what is generated now. */
export type Difference = { file: string; is: 'stale' | 'missing' | 'no longer generated' };

/**
 * Compares what is checked in with what was generated just now, file by file and in both directions.
 * @returns sorted by file; empty when all is fresh
 */
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

/** One line for whoever has to mend it. */
export function describeDifference({ file, is }: Difference): string {
  return `${file} is ${is}: run "npm run generate"`;
}
