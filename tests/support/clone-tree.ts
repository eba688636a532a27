import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const WORKSPACES = '@quartet';

export type Clone = {
  root: string;
  /** It reuses the fetched engines and hides the test runner from child processes. */
  env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
};

/** Packages are links to the originals, except the workspaces, which belong to the clone. */
export async function cloneTree(): Promise<Clone> {
  const root = await mkdtemp(join(tmpdir(), 'quartet-test-clone-'));
  const git = (cwd: string, ...args: string[]) => execFileSync('git', args, { cwd, encoding: 'utf8' });
  const files = git(ROOT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0');
  const deleted = new Set(git(ROOT, 'ls-files', '-z', '--deleted').split('\0'));
  for (const file of new Set(files)) {
    if (file !== '' && !deleted.has(file)) await cp(join(ROOT, file), join(root, file));
  }
  await linkPackages(root, '.');
  for (const folder of await withOwnPackages()) await linkPackages(root, folder);
  git(root, 'init', '--quiet');
  git(root, 'add', '--all');
  git(root, '-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '-m', 'clone');
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_V8_COVERAGE)/.test(name));
  return {
    root,
    env: { QUARTET_CACHE: join(ROOT, '.cache'), ...Object.fromEntries(inherited) },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function linkPackages(root: string, folder: string): Promise<void> {
  const [from, to] = [join(ROOT, folder, 'node_modules'), join(root, folder, 'node_modules')];
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (name !== WORKSPACES) await symlink(join(from, name), join(to, name));
  }
  const workspaces = join(from, WORKSPACES);
  for (const name of await readdir(workspaces).catch(() => [])) {
    const link = join(to, WORKSPACES, name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(await readlink(join(workspaces, name)), link);
  }
}

/** npm has put packages into the folders of these workspaces. */
async function withOwnPackages(): Promise<string[]> {
  const folders = ['services', 'libs', 'clients'].map(async (parent) =>
    (await readdir(join(ROOT, parent), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(parent, name)),
  );
  const all = (await Promise.all(folders)).flat();
  const own = await Promise.all(
    all.map(async (folder) => ((await readdir(join(ROOT, folder))).includes('node_modules') ? [folder] : [])),
  );
  return own.flat();
}
