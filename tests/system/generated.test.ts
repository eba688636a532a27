import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareFiles, describeDifference } from '../../tools/generate/compare.ts';
import { reviewPublished } from '../../tools/generate/contracts.ts';
import { generateFiles, generatorSettings } from '../../tools/generate/generate-files.ts';
import { type Stack, startStack } from './stack.ts';

const ROOT = join(import.meta.dirname, '../..');
let stack: Stack;

beforeAll(async () => {
  stack = await startStack([], generatorSettings);
});
afterAll(() => stack?.stop());

test('the documents and the client in the repository are those that a running stack generates', async () => {
  const differences = await compareFiles(ROOT, await generateFiles(stack.api));
  expect(differences.map(describeDifference)).toEqual([]);
});

test('the published event schemas are those of the contracts', async () => {
  expect(await reviewPublished(ROOT)).toEqual([]);
});
