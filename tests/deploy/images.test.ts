import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../services/gateway/src/config.ts';
import { loadConfig as loadServerConfig } from '../../services/gateway/src/dashboard/server/config.ts';
import { MALLOC_SETTINGS, NODE_FLAGS } from '../../tools/stack/node-process.ts';
import { filesReached, manifestOf } from './imports.ts';
import { ROOT, textOf } from './read-deploy.ts';

test('given the images, then their processes start as those of npm start do', () => {
  const text = textOf('Dockerfile');
  const entry = ['/usr/local/bin/node', ...NODE_FLAGS, '--import=/stripped/load.js'];
  expect(JSON.parse(/^ENTRYPOINT (.*)$/m.exec(text)?.[1] ?? '[]')).toEqual(entry);
  const settings = /^ENV NODE_ENV=production (.*)$/m.exec(text)?.[1]?.split(' ');
  expect(settings).toEqual(Object.entries(MALLOC_SETTINGS).map(([name, value]) => `${name}=${value}`));
});

test('given the built dashboard, then the gateway’s image and its own have it, where their processes look for it', () => {
  const stages = textOf('Dockerfile').split(/^FROM /m);
  const withFiles = stages.filter((stage) => stage.includes('COPY --from=dashboard-built'));
  expect(withFiles.map((stage) => /AS (\S+)/.exec(stage)?.[1])).toEqual(['gateway', 'dashboard']);
  const folder = 'clients/dashboard/dist';
  for (const stage of withFiles) {
    expect(stage).toContain(`COPY --from=dashboard-built /app/${folder} ./${folder}\n`);
  }
  expect(join(ROOT, folder)).toBe(loadConfig({}).dashboard);
  expect(join(ROOT, folder)).toBe(loadServerConfig({ API_URL: 'http://a' }).folder);
  // The builder sees all that a build depends on.
  const ignored = textOf('.dockerignore');
  for (const part of [
    'dashboard/src/',
    'dashboard/build/',
    'dashboard/index.html',
    'dashboard/vite.config.ts',
  ]) {
    expect(ignored).toContain(`!clients/${part}\n`);
  }
  for (const part of ['src/', 'quartet-client/', 'index.ts']) {
    expect(ignored).toContain(`!clients/typescript/${part}\n`);
  }
});

test('given the dashboard’s own image, then it has its entry, its port and every package that its process imports', () => {
  const stage = textOf('Dockerfile').split('FROM runtime AS dashboard\n')[1] ?? '';
  const entry = 'services/gateway/src/dashboard/server/main.ts';
  expect(stage).toContain(`CMD ["${entry}"]`);
  const { port, privatePort } = loadServerConfig({ API_URL: 'http://a' });
  expect(stage).toContain(`ENV PORT=${port} PRIVATE_PORT=${privatePort}\nEXPOSE ${port} ${privatePort}\n`);
  expect(textOf('docker-compose.production.yml')).toContain(`-dashboard.loadbalancer.server.port=${port}\n`);
  // Its modules are those of libs/common alone.
  const reached = filesReached([entry]);
  expect(
    [...reached.keys()].filter((file) => !/^(libs\/common|services\/gateway)\/src\//.test(file)),
  ).toEqual([]);
  const { dependencies } = manifestOf('libs/common');
  const missing = [...reached.values()].flat().filter((name) => !Object.hasOwn(dependencies, name));
  expect(missing).toEqual([]);
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
