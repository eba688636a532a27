import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const SKIPPED = new Set(['node_modules', '.git', '.cache', '.data', 'coverage', '.vitest']);

/** Paths have `/`; installed, fetched and measured files are excluded. */
export const allFiles: readonly string[] = globSync('**/*', {
  cwd: ROOT,
  withFileTypes: true,
  exclude: (entry) => SKIPPED.has(entry.name),
})
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
  // The pattern does not match dotted files.
  .concat(['.env.example', '.ci/run', '.gitignore']);

export const documents: readonly string[] = allFiles.filter((file) => file.endsWith('.md')).toSorted();

export type Block = { language: string; text: string; line: number };

/** The prose keeps its line numbers, without fenced blocks. */
export function partsOf(text: string): { prose: string; blocks: Block[] } {
  const blocks: Block[] = [];
  let open: { language: string; lines: string[]; line: number } | undefined;
  const prose = text.split('\n').map((line, at) => {
    const fence = /^\s*```(\w*)/.exec(line);
    if (!fence) {
      open?.lines.push(line);
      return open ? '' : line;
    }
    if (open) blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
    open = open ? undefined : { language: fence[1] ?? '', lines: [], line: at + 2 };
    return '';
  });
  return { prose: prose.join('\n'), blocks };
}

export const codeSpans = (prose: string): string[] =>
  [...prose.matchAll(/`([^`\n]+)`/g)].map(([, it = '']) => it);

/** GitHub gives a document's headings these anchors. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of partsOf(text).prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

export function rowsWith(prose: string, column: string): Record<string, string>[] {
  const cellsOf = (line: string) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
  const rows: Record<string, string>[] = [];
  let names: string[] | undefined;
  for (const [at, line] of prose.split('\n').entries()) {
    if (!line.startsWith('|')) names = undefined;
    else if (/^\|[-:| ]+\|$/.test(line)) names = cellsOf(prose.split('\n')[at - 1] ?? '');
    else if (names?.includes(column)) {
      const cells = cellsOf(line);
      rows.push(Object.fromEntries(names.map((name, n) => [name, cells[n] ?? ''])));
    }
  }
  return rows;
}

/** Expands `a/{b,c}.ts` to `a/b.ts` and `a/c.ts`. */
export function unbraced(path: string): string[] {
  const braces = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(path);
  if (!braces) return [path];
  const [, before = '', choices = '', after = ''] = braces;
  return choices.split(',').flatMap((choice) => unbraced(before + choice + after));
}

/** A path starts at the root or ends a file's path; `*` stands for any part of a name. */
export function filesNamed(path: string): string[] {
  const pattern = path
    .replace(/\/$/, '/**')
    .replaceAll(/[.+?^$()|[\]\\]/g, '\\$&')
    .replaceAll('**', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '.*');
  const end = new RegExp(`(^|/)${pattern}$`);
  const inFolder = new RegExp(`(^|/)${pattern}/`);
  return allFiles.filter((file) => end.test(file) || inFolder.test(file));
}
