import { execFileSync } from 'node:child_process';

/** Returns a reason, or undefined: with uncommitted changes, nobody could undo only what was written. */
export function unsuitable(root: string): string | undefined {
  try {
    const changed = execFileSync('git', ['status', '--porcelain'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return changed === '' ? undefined : `the tree has changes that are not committed:\n${changed.trimEnd()}`;
  } catch {
    return 'this is no git repository, so nobody could take back what is written';
  }
}
