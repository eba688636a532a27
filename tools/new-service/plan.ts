import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../generate/files.ts';
import { type Edit, edits, ownFiles } from './edits.ts';
import type { Names } from './names.ts';
import { addToLock } from './package-lock.ts';
import { createRename, identifiersIn, type Kind, type Rename } from './rename.ts';

export type Plan = { files: Files; problems: string[] };

const kindOf = (file: string): Kind => (file.endsWith('.ts') ? 'code' : 'data');

export function planService(root: string, names: Names, port: number): Plan {
  const rename = createRename(names, port);
  const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
  const files: Files = new Map();
  const problems: string[] = [];

  const listed = execFileSync('git', ['ls-files', ...ownFiles], { cwd: root, encoding: 'utf8' });
  for (const file of listed.split('\n').filter((one) => one !== '' && existsSync(join(root, one)))) {
    const target = rename(file, 'data');
    if (existsSync(join(root, target))) problems.push(`${target} is there already`);
    const source = textOf(file);
    if (kindOf(file) === 'code') problems.push(...clashes(file, source, rename));
    files.set(target, rename(source, kindOf(file)));
  }
  for (const [file, changes] of Object.entries(edits)) {
    const source = textOf(file);
    if (kindOf(file) === 'code') problems.push(...clashes(file, source, rename));
    const edited = changes.reduce((text, edit) => {
      const next = apply(text, edit, names, rename, kindOf(file));
      if (next === text) problems.push(`${file} does not have ${patternOf(edit).source}`);
      return next;
    }, source);
    files.set(file, edited);
  }
  files.set('package-lock.json', addToLock(textOf('package-lock.json'), names.plural));
  return { files, problems };
}

function patternOf(edit: Edit): RegExp {
  if ('copy' in edit) return edit.copy;
  return 'imported' in edit ? edit.imported : edit.list;
}

function apply(text: string, edit: Edit, names: Names, rename: Rename, kind: Kind): string {
  if ('list' in edit) {
    const name = edit.separator === ' | ' ? `'${names.plural}'` : names.plural;
    return text.replace(edit.list, (found) => `${found}${edit.separator}${name}`);
  }
  if ('imported' in edit) return text.replace(edit.imported, (found) => `${found}, ${rename(found, kind)}`);
  return text.replace(edit.copy, (found) => found + asKey(rename(found, kind), names.plural));
}

/** The keys of tables are the service's name, not that of a constant. */
const asKey = (text: string, plural: string): string =>
  plural.includes('-') ? text.replace(/^ {2}\w+: (?=\{\n {4}port:|run\w+,\n)/m, `  '${plural}': `) : text;

function clashes(file: string, source: string, rename: Rename): string[] {
  const known = identifiersIn(source);
  return [...known]
    .map((name) => [name, rename(name, 'code')] as const)
    .filter(([name, renamed]) => renamed !== name && known.has(renamed))
    .map(([name, renamed]) => `${file} has ${renamed} already, which ${name} would become`);
}
