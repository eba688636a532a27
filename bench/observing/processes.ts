import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { dataPaths } from '../../tools/stack/data-folder.ts';

export type Pids = Record<string, number>;

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
export function readCpu(pids: Pids): CpuMs {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMsOf(pid)]));
}

export function cpuBetween(before: CpuMs, after: CpuMs): CpuMs {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // In proc_pid_stat(5), the name in brackets may hold anything; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return TICK_MS * (Number(fields[11]) + Number(fields[12]));
}
