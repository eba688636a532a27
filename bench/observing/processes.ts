import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { dataPaths } from '../../tools/stack/data-folder.ts';

export type Pids = Record<string, number>;

/** A tree is a process with all that it started. */
export type Watched = Record<string, number | { tree: number }>;

export type CpuMs = Record<string, number>;

const known = z.object({ name: z.string(), pid: z.number() });
const state = z.object({ launcher: z.object({ pid: z.number() }), children: z.array(known) });

/** Linux reports USER_HZ to user space as 100, whatever the kernel uses. */
const TICK_MS = 10;

export async function stackPids(dataDir: string): Promise<Pids> {
  const { launcher, children } = state.parse(JSON.parse(await readFile(dataPaths(dataDir).state, 'utf8')));
  return { launcher: launcher.pid, ...Object.fromEntries(children.map(({ name, pid }) => [name, pid])) };
}

/** Returns the CPU time of all threads so far, in steps of 10 ms. @throws {Error} when a process has ended */
export function readCpu(watched: Watched): CpuMs {
  return Object.fromEntries(
    Object.entries(watched).map(([name, one]) => [
      name,
      typeof one === 'number' ? cpuMsOf(one) : treeCpuMs(one.tree),
    ]),
  );
}

export function cpuBetween(before: CpuMs, after: CpuMs): CpuMs {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

function cpuMsOf(pid: number): number {
  const [, , utime, stime] = statOf(pid);
  return TICK_MS * (utime + stime);
}

/** Includes what ended before, which its parent has counted. */
function treeCpuMs(root: number): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [statOf(Number(name))];
      } catch {
        return []; // This process has ended since.
      }
    });
  const ofTree = ([pid, , ...ticks]: Stat): number =>
    ticks.reduce((sum, one) => sum + one, 0) +
    stats.filter(([, parent]) => parent === pid).reduce((sum, child) => sum + ofTree(child), 0);
  return TICK_MS * ofTree(statOf(root));
}

type Stat = [pid: number, parent: number, utime: number, stime: number, cutime: number, cstime: number];

function statOf(pid: number): Stat {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // In proc_pid_stat(5), the name in brackets may hold anything; the parent is field 4, the times are fields 14 to 17.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (field: number) => fields[field - 3] ?? 0;
  return [pid, at(4), at(14), at(15), at(16), at(17)];
}
