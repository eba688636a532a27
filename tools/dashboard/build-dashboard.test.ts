import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { cloneTree } from '../../tests/support/clone-tree.ts';
import { buildDashboard } from './build-dashboard.ts';

const MOST_SCRIPT_BYTES = 150_000;
const PATIENCE_MS = 120_000;

async function clone() {
  const { root, env, remove } = await cloneTree();
  onTestFinished(remove);
  const folder = join(root, 'clients/dashboard/dist');
  return { root, folder, build: () => buildDashboard({ root, env }) };
}

test(
  'given sources, then they are built once for each content, also by two processes at once',
  async () => {
    const { root, folder, build } = await clone();
    expect(await Promise.all([build(), build()])).toEqual(['built', 'built']);
    expect(await build()).toBe('fresh');
    const names = (await readdir(join(folder, 'assets'))).toSorted();
    for (const name of names.filter((each) => !/\.(br|gz)$/.test(each))) {
      const file = join(folder, 'assets', name);
      const content = await readFile(file);
      expect(name).toMatch(/-[\w-]{8}\.(js|css|svg)$/);
      expect(brotliDecompressSync(await readFile(`${file}.br`)).equals(content)).toBe(true);
      expect(gunzipSync(await readFile(`${file}.gz`)).equals(content)).toBe(true);
    }
    expect((await readdir(join(root, '.cache'))).filter((name) => name.startsWith('dashboard'))).toEqual([]);

    const page = await readFile(join(folder, 'index.html'), 'utf8');
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?:/);
    const first = [...page.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map(([, name = '']) => name);
    for (const more of [
      ['log-in-page', 'signed-out-page', 'use-api-form'],
      ['signed-in-layout', 'items-page'],
    ]) {
      const own = more.map((start) => names.find((name) => name.startsWith(start) && name.endsWith('.js')));
      const files = [...first, ...own];
      const sizes = await Promise.all(files.map((name) => stat(join(folder, 'assets', `${name}.br`))));
      expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(MOST_SCRIPT_BYTES);
    }

    await writeFile(join(root, 'clients/dashboard/src/paths.ts'), 'export const paths = {');
    expect(await build()).toEqual({ failure: expect.stringContaining('paths.ts') });
    expect(await readFile(join(folder, 'index.html'), 'utf8')).toBe(page);
  },
  PATIENCE_MS,
);
