/**
 * What one proxied GET costs in CPU time, as a ratio to a direct one measured in the same run.
 * Rounds alternate between the candidates, and the least figure of each counts: noise only ever adds.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';

const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 32;

type Candidate = { name: string; child: ChildProcess; url: string; costs: number[]; rates: number[] };

async function start(name: string, backend = ''): Promise<Candidate> {
  const child = fork(join(import.meta.dirname, 'proxy-candidate.ts'), [name, backend]);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { name, child, url: `http://127.0.0.1:${port}`, costs: [], rates: [] };
}

async function cpuOf({ child }: Candidate): Promise<number> {
  child.send('cpu');
  const [{ cpuMicroseconds }] = (await once(child, 'message')) as [{ cpuMicroseconds: number }];
  return cpuMicroseconds;
}

async function round(candidate: Candidate): Promise<void> {
  const before = await cpuOf(candidate);
  const result = await autocannon({ url: candidate.url, connections: CONNECTIONS, duration: SECONDS });
  if (result.non2xx + result.errors > 0) throw new Error(`${candidate.name} failed requests`);
  const spent = (await cpuOf(candidate)) - before;
  candidate.costs.push(spent / result.requests.total);
  candidate.rates.push(result.requests.average);
}

const direct = await start('direct');
const candidates = [
  direct,
  await start('gateway', direct.url),
  await start('http-proxy-middleware', direct.url),
];
for (const candidate of candidates) await round(candidate); // warm up
for (const candidate of candidates) candidate.costs.length = 0;
for (let done = 0; done < ROUNDS; done += 1) {
  for (const candidate of candidates) await round(candidate);
  console.error(`round ${done + 1} of ${ROUNDS}`);
}
const least = Math.min(...direct.costs);
console.table(
  candidates.map(({ name, costs, rates }) => ({
    candidate: name,
    'CPU µs a request': Math.round(Math.min(...costs)),
    'times direct': (Math.min(...costs) / least).toFixed(1),
    'best requests/s': Math.round(Math.max(...rates)),
  })),
);
for (const { child } of candidates) child.disconnect();
