import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { Conditions } from './measured.ts';

export function conditionsNow({ isQuick, seconds }: { isQuick: boolean; seconds: number }): Conditions {
  const [core] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return {
    commit: commitNow(),
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${core?.model.trim()}), ${gigabytes} GB`,
    node: process.version,
    ...{ isQuick, seconds, beside: [] },
  };
}

/** The plus sign means that files differ from the commit. */
function commitNow(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' });
  try {
    return `${git('rev-parse', '--short', 'HEAD').trim()}${git('status', '--porcelain').trim() === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

export const describe = ({ commit, date, machine, node, isQuick, seconds, beside }: Conditions): string =>
  `commit ${commit}, ${date}, ${[machine, `Node ${node}`, ...beside].join(', ')}, rounds of ${seconds} s${isQuick ? ' (--quick: not for figures)' : ''}`;
