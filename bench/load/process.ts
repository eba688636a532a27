import type { Client } from 'autocannon';
import { quantile } from '../../tests/support/quantile.ts';
import { fire } from '../cannon.ts';
import { endWithParent, say } from '../child.ts';
import { type Order, type Outcome, order } from './order.ts';

const TIMEOUT_SECONDS = 60;
const SAMPLE_MS = 50;

async function load({ url, connections, plans, until }: Order): Promise<Outcome> {
  const times: number[] = [];
  let clients = 0;
  let lastAt = 0;
  const setupClient = (client: Client) => {
    client.setRequests(plans[clients % plans.length] ?? []);
    clients += 1;
  };
  const bound =
    'seconds' in until ? { duration: until.seconds } : { amount: until.answers, sampleInt: SAMPLE_MS };
  const startedAt = performance.now();
  const options = { url, connections, setupClient, timeout: TIMEOUT_SECONDS, ...bound };
  await fire(options, new AbortController().signal, (ms) => {
    times.push(ms);
    lastAt = performance.now();
  });
  if (times.length === 0) throw new Error(`${url} answered nothing in this round: make it longer`);
  const rate = (1_000 * times.length) / (lastAt - startedAt);
  return { requests: times.length, rate, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

endWithParent();
process.on('message', (message) => {
  load(order.parse(message)).then(say, (err: unknown) => say({ failure: String(err) }));
});
