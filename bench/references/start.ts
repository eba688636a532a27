import * as z from 'zod';
import { startChild } from '../child.ts';
import type { Pids } from '../observing/processes.ts';

const listening = z.object({ port: z.number() });

export type Reference = { url: string; pids: Pids };

export type References = Record<'constant' | 'driver' | 'proxy' | 'express', Reference>;

export async function startReferences(
  database: { url: string; name: string },
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<References> {
  const start = async (name: string, args: string[]) => {
    const child = startChild('references/process.ts', [name, ...args], signal);
    resources.defer(() => child.end());
    return { url: `http://127.0.0.1:${(await child.hear(listening)).port}`, pids: { [name]: child.pid } };
  };
  const withDriver = (name: string) => start(name, [database.url, database.name]);
  const [constant, driver, express] = [
    await withDriver('constant'),
    await withDriver('driver'),
    await withDriver('express'),
  ];
  const proxy = await start('proxy', [driver.url]);
  return { constant, driver, express, proxy: { ...proxy, pids: { ...proxy.pids, ...driver.pids } } };
}
