import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contracts } from '@quartet/common/events/contracts.ts';
import { lostEvents, publishedFolder, readPublished, reviewContract } from './published-contracts.ts';

const LINE_WIDTH = 110;

/** Writes new and changed schemas; returns the files. @throws {Error} when a change breaks a consumer */
export async function publishContracts(folder = publishedFolder): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const published = await readPublished(folder);
  const reviews = Object.entries(contracts).map(([type, contract]) =>
    reviewContract(type, contract, published),
  );
  const lost = lostEvents(published, Object.keys(contracts));
  const problems = [...lost, ...reviews.flatMap((review) => review.problems)];
  if (problems.length > 0) throw new Error(`event contracts were not published\n${problems.join('\n')}`);
  const stale = reviews.flatMap((review) => review.stale ?? []);
  for (const { file, schema } of stale) await writeFile(join(folder, file), `${formatted(schema)}\n`);
  return stale.map(({ file }) => file);
}

function formatted(value: unknown, indent = '', column = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const parts = value.map((part) => formatted(part, inner, inner.length));
    const line = `[${parts.join(', ')}]`;
    if (!line.includes('\n') && column + line.length < LINE_WIDTH) return line;
    return `[\n${inner}${parts.join(`,\n${inner}`)}\n${indent}]`;
  }
  const parts = Object.entries(value).map(([name, part]) => {
    const head = `${JSON.stringify(name)}: `;
    return `${head}${formatted(part, inner, inner.length + head.length)}`;
  });
  return parts.length === 0 ? '{}' : `{\n${inner}${parts.join(`,\n${inner}`)}\n${indent}}`;
}
