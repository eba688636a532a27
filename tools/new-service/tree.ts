import { execFileSync } from 'node:child_process';

/**
 * Why the tree is not one to write a service into; undefined when it is. With changes that are not committed nobody could
 * tell them from what was written, nor take that back.
 */
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
