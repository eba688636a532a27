import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { documents, textOf } from './markdown.ts';

describe('files with a form', () => {
  const version = z.object({ version: z.string() }).parse(JSON.parse(textOf('package.json'))).version;

  test('given the version of the packages, then CHANGELOG.md has a section for it and one for later changes', () => {
    expect(textOf('CHANGELOG.md')).toMatch(/^## Unreleased$/m);
    expect(textOf('CHANGELOG.md')).toMatch(
      new RegExp(`^## ${version.replaceAll('.', '\\.')} \\(20\\d\\d-\\d\\d-\\d\\d\\)$`, 'm'),
    );
  });

  test.each(documents.filter((file) => /^docs\/decisions\/\d/.test(file)))(
    'given %s, then its title begins with its number',
    (file) => {
      expect(textOf(file)).toMatch(new RegExp(`^# ${file.slice('docs/decisions/'.length).slice(0, 4)} \\S`));
    },
  );

  test('given docs/glossary.md, then it has at most 40 lines', () => {
    expect(textOf('docs/glossary.md').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  test('given a document in docs/, then README.md or the index of its folder leads to it', () => {
    const unlinked = documents.filter(
      (file) =>
        file.startsWith('docs/') &&
        !textOf('README.md').includes(`(${file})`) &&
        !textOf(
          file.startsWith('docs/operations/') ? 'docs/operations/README.md' : 'docs/decisions/README.md',
        ).includes(`(${file.split('/').at(-1)})`) &&
        !file.endsWith('/README.md'),
    );
    expect(unlinked).toEqual([]);
  });
});
