/** `npm run bench:proxy` measures the cost of a proxied request as a ratio to a direct one. */
import * as z from 'zod';
import { runCommand } from '../tools/command-line.ts';
import { fire } from './cannon.ts';
import { startChild } from './child.ts';
import { least } from './figures.ts';
import { type Options, parseOptions, usage } from './proxy/options.ts';

const CONNECTIONS = 32;

const listening = z.object({ port: z.number() });
const spent = z.object({ cpuMicroseconds: z.number() });

type Candidate = {
  name: string;
  url: string;
  measure: () => Promise<void>;
  costs: number[];
  rates: number[];
};

async function start(
  name: string,
  backend: string,
  seconds: number,
  resources: DisposableStack,
  signal: AbortSignal,
): Promise<Candidate> {
  const child = startChild('proxy/candidate.ts', [name, backend], signal);
  resources.defer(() => child.end());
  const url = `http://127.0.0.1:${(await child.hear(listening)).port}`;
  const cpu = async () => {
    child.send('cpu');
    return (await child.hear(spent)).cpuMicroseconds;
  };
  const [costs, rates]: [number[], number[]] = [[], []];
  const measure = async () => {
    const before = await cpu();
    const { requests } = await fire({ url, connections: CONNECTIONS, duration: seconds }, signal);
    costs.push(((await cpu()) - before) / requests.total);
    rates.push(requests.average);
  };
  return { name, url, measure, costs, rates };
}

async function run({ rounds, seconds }: Options, signal: AbortSignal): Promise<number> {
  using resources = new DisposableStack();
  const direct = await start('direct', '', seconds, resources, signal);
  const candidates = [direct];
  for (const name of ['gateway', 'http-proxy-middleware']) {
    candidates.push(await start(name, direct.url, seconds, resources, signal));
  }
  console.error('warming up ...');
  for (const { measure } of candidates) await measure();
  for (const { costs } of candidates) costs.length = 0;
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds} ...`);
    for (const { measure } of candidates) await measure();
  }
  console.table(
    candidates.map(({ name, costs, rates }) => ({
      candidate: name,
      'CPU µs a request': Math.round(least(costs)),
      'times direct': (least(costs) / least(direct.costs)).toFixed(1),
      'best requests/s': Math.round(Math.max(...rates)),
    })),
  );
  return 0;
}

await runCommand('bench:proxy', { usage, parseOptions, run });
