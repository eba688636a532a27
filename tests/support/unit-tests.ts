import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, relative } from 'node:path';

const TEST_FILES = '{libs,services,clients,tools,tests,bench}/**/*.test.ts';
const COMMON = '@quartet/common/';
/** Type-only imports do not exist when the code runs. */
const IMPORT = /^(?:import|export)\s(?!type\s)(?:([^'";]*?)\sfrom\s)?\s*'([^']+)'|\bimport\('([^']+)'\)/gm;
/** These modules open sockets or start processes. */
const OUTSIDE =
  /^(?:node:(?:child_process|cluster|dgram|http|http2|https|net|tls|worker_threads)|express|smtp-server)$/;
/** Other exports are harmless; a Socket that connects fails when the test runs. */
const HARMLESS = new Set([
  'BlockList',
  'IncomingMessage',
  'isIP',
  'isIPv4',
  'isIPv6',
  'Socket',
  'STATUS_CODES',
  'TLSSocket',
]);

/** A test with this much time is a long one. */
const LONG_MS = 45_000;

/** Finds test files whose imports reach no engine, socket or process; paths are relative to `root`. */
export async function findUnitTests(root: string): Promise<string[]> {
  const pathOutside = createPathOutside(root);
  const found: string[] = [];
  for await (const file of glob(TEST_FILES, { cwd: root, exclude: (name) => name === 'node_modules' })) {
    const path = join(root, file);
    if (!pathOutside(path) && !isLongTest(path)) found.push(file);
  }
  return found.sort();
}

/** It depends only on the file's text, so a fresh clone gives the same result. */
export function isLongTest(file: string): boolean {
  const granted = readFileSync(file, 'utf8').matchAll(/[tT]imeout: ([\d_]+)/g);
  return [...granted].some(([, ms = '']) => Number(ms.replaceAll('_', '')) >= LONG_MS);
}

/** Returns the imports by which a file reaches the outside, or undefined. */
export function createPathOutside(root: string): (file: string) => string[] | undefined {
  const known = new Map<string, string[] | undefined>();
  // The recursion ends because the linter forbids import cycles.
  const pathOutside = (file: string): string[] | undefined => {
    if (!known.has(file)) known.set(file, search(file));
    return known.get(file);
  };
  const search = (file: string): string[] | undefined => {
    for (const { name, clause } of importsOf(file)) {
      const path = isOutside(name, clause) ? [name] : follow(file, name);
      if (path) return [relative(root, file), ...path];
    }
    return undefined;
  };
  const follow = (file: string, name: string): string[] | undefined => {
    if (!name.endsWith('.ts')) return undefined;
    if (name.startsWith('.')) return pathOutside(join(file, '..', name));
    if (!name.startsWith(COMMON)) return undefined;
    return pathOutside(join(root, 'libs/common/src', name.slice(COMMON.length)));
  };
  return pathOutside;
}

const importsOf = (file: string): { name: string; clause: string }[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, clause = '', name, dynamic]) => ({
    name: name ?? dynamic ?? '',
    clause,
  }));

function isOutside(name: string, clause: string): boolean {
  if (name === 'mongodb') return /\bMongoClient\b/.test(clause.replaceAll(/\btype \w+/g, ''));
  if (!OUTSIDE.test(name)) return false;
  const [, names] = /^\{(.*)\}$/s.exec(clause) ?? [];
  const values = names
    ?.split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  return !values?.every((each) => each.startsWith('type ') || HARMLESS.has(each));
}
