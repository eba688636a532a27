/**
 * Removes the types from all sources that services load: `node tools/strip-types.ts FOLDER`. A process that preloads
 * `FOLDER/load.js` then runs without Node's type stripper. The Dockerfile runs this file alone: it imports only Node.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, resolve } from 'node:path';
import { pid } from 'node:process';

const SOURCES = ['{libs,services}/*/src/**/*.ts', 'services/*.ts', 'tools/mail-catcher/*.ts'];

const root = resolve(import.meta.dirname, '..');
const [folder = ''] = process.argv.slice(2);
if (folder === '') throw new Error('the folder is missing: node tools/strip-types.ts FOLDER');
mkdirSync(folder, { recursive: true });

const wanted = new Map<string, () => string>();
const loader = readFileSync(join(root, 'tools/strip-types/load-stripped.js'), 'utf8');
wanted.set('load.js', () => loader);
wanted.set('package.json', () => '{ "type": "module" }\n');
for (const file of globSync(SOURCES, { cwd: root, exclude: ['**/*.test.ts', '**/node_modules'] })) {
  const source = readFileSync(join(root, file));
  const hash = createHash('sha256').update(source).digest('hex');
  wanted.set(`${hash}.js`, () => stripTypeScriptTypes(source.toString('utf8')));
}

for (const name of readdirSync(folder)) {
  // Another start may be writing a new one.
  if (!wanted.has(name) && !name.endsWith('.new')) rmSync(join(folder, name), { force: true });
}
for (const [name, textOf] of wanted) {
  const file = join(folder, name);
  // The name of a source's file says what is in it.
  if (name !== 'load.js' && existsSync(file)) continue;
  writeFileSync(`${file}.${pid}.new`, textOf());
  renameSync(`${file}.${pid}.new`, file);
}
