import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

import { runChild } from '../child-process.ts';
import { hashOfSources } from './sources.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const HASH_FILE = 'sources.hash';

export type DashboardBuild = 'fresh' | 'built' | { failure: string };

type BuildOptions = {
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Called before a build, which takes seconds. */
  onStale?: () => void;
  root?: string;
};

/** Builds `clients/dashboard/dist`, unless it is of the present sources. Several processes may do so at a time. */
export async function buildDashboard(options: BuildOptions): Promise<DashboardBuild> {
  const { root = ROOT, env, signal, onStale } = options;
  const dist = join(root, 'clients/dashboard/dist');
  const hash = hashOfSources(root);
  const isFresh = (): boolean => readHash(dist) === hash;
  if (isFresh()) return 'fresh';
  onStale?.();
  const next = join(root, '.cache', `dashboard-${randomBytes(8).toString('hex')}`);
  try {
    const failure = await runVite(root, next, env, signal);
    if (failure !== undefined) return { failure };
    await writeFile(join(next, HASH_FILE), hash);
    // Another process may have been faster, and its gateway may be reading.
    if (!isFresh()) {
      await replace(dist, next).catch((err: unknown) => {
        if (!isFresh()) throw err;
      });
    }
    return 'built';
  } finally {
    await rm(next, { recursive: true, force: true });
  }
}

async function runVite(
  root: string,
  outDir: string,
  { NODE_OPTIONS: _, ...env }: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const program = viteProgram();
  if (program === undefined) return 'vite is not installed: npm ci';
  const args = [program, 'build', 'clients/dashboard', '--configLoader', 'native', '--logLevel', 'warn'];
  const { code, output, error } = await runChild(
    process.execPath,
    [...args, '--outDir', outDir, '--emptyOutDir'],
    { env: { ...env, NODE_ENV: 'production' }, cwd: root, signal },
  );
  return code === 0 ? undefined : (error ?? (output.trim() || `exit code ${code}`));
}

function viteProgram(): string | undefined {
  try {
    return resolve(createRequire(import.meta.url).resolve('vite/package.json'), '../bin/vite.js');
  } catch {
    return undefined;
  }
}

function readHash(dist: string): string | undefined {
  try {
    return readFileSync(join(dist, HASH_FILE), 'utf8');
  } catch {
    return undefined;
  }
}

async function replace(dist: string, next: string): Promise<void> {
  const old = `${next}.old`;
  await mkdir(dist, { recursive: true });
  await rename(dist, old);
  await rename(next, dist);
  await rm(old, { recursive: true, force: true });
}
