import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Pids } from '../observing/processes.ts';
import type { Table } from './tables.ts';

const node = z.object({
  callFrame: z.object({ functionName: z.string(), url: z.string() }),
  hitCount: z.number().default(0),
});

/** V8 writes this format (Chrome DevTools Protocol, Profiler.Profile). */
export const cpuProfile = z.object({ nodes: z.array(node) });

export type CpuProfile = z.output<typeof cpuProfile>;

const ROOT = resolve(import.meta.dirname, '../..');
const IDLE = '(idle)';
const FOLDERS_SHOWN = 4;
const MOST_SHOWN = 15;

/** Returns shares of the busy time by package, by our folder, or by function of the engine. */
export function sharesOf({ nodes }: CpuProfile): [where: string, share: number][] {
  const hits = new Map<string, number>();
  for (const { callFrame, hitCount } of nodes) {
    const where = placeOf(callFrame);
    if (where !== IDLE && hitCount > 0) hits.set(where, (hits.get(where) ?? 0) + hitCount);
  }
  const total = [...hits.values()].reduce((sum, count) => sum + count, 0);
  return [...hits]
    .map(([where, count]): [string, number] => [where, count / total])
    .sort(([, a], [, b]) => b - a);
}

function placeOf({ functionName, url }: z.output<typeof node>['callFrame']): string {
  if (url === '') return functionName;
  if (url.startsWith('node:')) return url;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const [, inPackage] = path.split(/.*\/node_modules\//);
  if (inPackage !== undefined) return inPackage.split('/', inPackage.startsWith('@') ? 2 : 1).join('/');
  return path.replace(`${ROOT}/`, '').split('/').slice(0, -1).slice(0, FOLDERS_SHOWN).join('/');
}

/** A process writes its profile when it ends. */
export async function profileTables(folder: string, pids: Pids): Promise<Table[]> {
  const files = await readdir(folder);
  const tables = Object.entries(pids).map(async ([name, pid]): Promise<Table[]> => {
    // The name is CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile; thread 0 is the main thread.
    const file = files.find((one) => new RegExp(`\\.${pid}\\.0\\.\\d+\\.cpuprofile$`).test(one));
    if (file === undefined) return [];
    const shares = sharesOf(cpuProfile.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))));
    const rows = shares
      .slice(0, MOST_SHOWN)
      .map(([where, share]) => [where, `${(100 * share).toFixed(1)} %`]);
    return [{ title: `Profile of ${name}, its start included`, rows: [['', 'of its own time'], ...rows] }];
  });
  return (await Promise.all(tables)).flat();
}
