import { expect, test } from 'vitest';
import { MALLOC_SETTINGS, NODE_FLAGS } from '../../tools/stack/node-process.ts';
import { textOf } from './read-deploy.ts';

test('given the images, then their processes start as those of npm start do', () => {
  const text = textOf('Dockerfile');
  const entry = ['/usr/local/bin/node', ...NODE_FLAGS, '--import=/stripped/load.js'];
  expect(JSON.parse(/^ENTRYPOINT (.*)$/m.exec(text)?.[1] ?? '[]')).toEqual(entry);
  const settings = /^ENV NODE_ENV=production (.*)$/m.exec(text)?.[1]?.split(' ');
  expect(settings).toEqual(Object.entries(MALLOC_SETTINGS).map(([name, value]) => `${name}=${value}`));
});

test('given a file that the images strip sources with, then it imports only Node, and the build has it', () => {
  const files = ['tools/strip-types.ts', 'tools/strip-types/load-stripped.js'];
  for (const file of files) {
    const imported = [...textOf(file).matchAll(/from '([^']+)'/g)].map(([, from = '']) => from);
    expect(imported.length).toBeGreaterThan(2);
    expect(imported.filter((from) => !from.startsWith('node:'))).toEqual([]);
    expect(textOf('Dockerfile')).toContain(`COPY ${file} ./`);
  }
  expect(textOf('.dockerignore')).toContain('!tools/strip-types.ts\n!tools/strip-types/\n');
});
