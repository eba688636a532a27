import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaced } from '../../support/replacement.ts';
import { attacksNamed } from '../attacks/all.ts';
import { sabotages } from './sabotages.ts';

const ROOT = join(import.meta.dirname, '../../..');

test.each(sabotages.flatMap(({ name, replacements }) => replacements.map((one) => ({ name, ...one }))))(
  '$name takes its place in $file',
  async (replacement) => {
    const source = await readFile(join(ROOT, replacement.file), 'utf8');
    expect(replaced(source, replacement)).not.toBe(source);
  },
);

test.each(sabotages)('$name has an attack that shows it', ({ attack }) => {
  expect(attacksNamed(attack)).not.toEqual([]);
});
