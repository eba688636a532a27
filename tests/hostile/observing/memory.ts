import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { abortedBy } from './aborted-by.ts';

export type Memory = Map<string, number>;

const state = z.object({ children: z.array(z.object({ name: z.string(), pid: z.number() })) });

const LOOK_EVERY_MS = 500;
const BYTES_IN_KB = 1_024;
const BYTES_IN_MB = 1_024 * 1_024;

/** Returns proportional shares of pages (PSS), with the children of each process. */
export async function readMemory(dataDir: string): Promise<Memory> {
  const { children } = state.parse(JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8')));
  const groups = await processGroups();
  const memory: Memory = new Map();
  for (const { name, pid } of children) {
    const parts = await Promise.all((groups.get(pid) ?? [pid]).map(readPss));
    memory.set(
      name,
      parts.reduce((sum, bytes) => sum + bytes, 0),
    );
  }
  return memory;
}

export async function watchMemory(dataDir: string, signal: AbortSignal): Promise<Memory[]> {
  const looks: Memory[] = [];
  do {
    looks.push(await readMemory(dataDir));
    await abortedBy(signal, delay(LOOK_EVERY_MS, undefined, { signal }));
  } while (!signal.aborted);
  return looks;
}

async function processGroups(): Promise<Map<number, number[]>> {
  const groups = new Map<number, number[]>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // The name, in brackets, may hold anything; state, parent and group follow it.
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
    groups.set(group, [...(groups.get(group) ?? []), Number(entry)]);
  }
  return groups;
}

async function readPss(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return (Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * BYTES_IN_KB) / BYTES_IN_MB;
}
