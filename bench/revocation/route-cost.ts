import * as z from 'zod';
import { fire } from '../cannon.ts';
import { startChild } from '../child.ts';
import { least, type Row, ratio } from '../figures.ts';

const CONNECTIONS = 8;
const REQUESTS = 2_000;
const ROUNDS = 30;
const WARM_UP = 3;

const ready = z.object({ url: z.string(), headers: z.array(z.string()) });
const spent = z.object({ cpuMicroseconds: z.number() });
const routes = ['none', 'check', 'look-up'] as const;

/** Measures CPU time per request without a check, with a check, and with a look-up. */
export async function measureRoutes(databaseUrl: string, signal: AbortSignal): Promise<Row[]> {
  const server = startChild('revocation/route-server.ts', [databaseUrl], signal);
  const { url, headers } = await server.hear(ready);
  const cpu = async () => {
    server.send('cpu');
    return (await server.hear(spent)).cpuMicroseconds;
  };
  const costs: Record<(typeof routes)[number], number[]> = { none: [], check: [], 'look-up': [] };
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const name of routes) {
      const before = await cpu();
      const path = `${new URL(url).pathname}/${name}`;
      // The route without a check gets the same bytes.
      const requests = headers.map((authorization) => ({ path, headers: { authorization } }));
      const sampling = { amount: REQUESTS, sampleInt: 20 };
      await fire({ url, connections: CONNECTIONS, requests, ...sampling }, signal);
      if (round >= WARM_UP) costs[name].push(((await cpu()) - before) / REQUESTS);
    }
  }
  server.end();
  const each = (name: (typeof routes)[number]) => `${least(costs[name]).toFixed(0)} µs of CPU`;
  return [
    ['HTTP: a request without a check', each('none')],
    ['HTTP: with the check', `${each('check')}, ${ratio(costs.check, costs.none)} times no check`],
    [
      'HTTP: with the check and a look-up of the user',
      `${each('look-up')}, ${ratio(costs['look-up'], costs.none)} times no check`,
    ],
  ];
}
