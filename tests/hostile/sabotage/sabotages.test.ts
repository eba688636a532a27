import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaced } from '../../support/replacement.ts';
import { attacksNamed } from '../attacks/all.ts';
import { sabotages } from './sabotages.ts';

const ROOT = join(import.meta.dirname, '../../..');

test.each(sabotages.flatMap(({ name, replacements }) => replacements.map((one) => ({ name, ...one }))))(
  'given $file, then the replacement of $name applies',
  async (replacement) => {
    const source = await readFile(join(ROOT, replacement.file), 'utf8');
    expect(replaced(source, replacement)).not.toBe(source);
  },
);

test.each(sabotages)('given the sabotage $name, then there is an attack for it', ({ attack }) => {
  expect(attacksNamed(attack)).not.toEqual([]);
});
