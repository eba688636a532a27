import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaced } from '../../support/replacement.ts';
import { hurry, sabotageNamed, sabotages } from './sabotages.ts';

const ROOT = join(import.meta.dirname, '../../..');

test.each([...sabotages, ...hurry])('given $file, then $replace replaces a text', async (sabotage) => {
  const source = await readFile(join(ROOT, sabotage.file), 'utf8');
  expect(replaced(source, sabotage)).toContain(sabotage.replace);
});

test('given a text that is missing or repeated, then the sabotage fails', () => {
  const sabotage = { file: 'a.ts', find: /one/g, replace: 'two' };
  expect(() => replaced('three', sabotage)).toThrow('/one/g stands 0 times in a.ts, not once');
  expect(() => replaced('one one', sabotage)).toThrow('/one/g stands 2 times');
  expect(() => sabotageNamed('none')).toThrow('there is no sabotage "none"');
});
