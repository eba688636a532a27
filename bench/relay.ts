/** `npm run bench:relay` measures what a backlog of events costs the requests of items. */
import { MongoClient } from 'mongodb';
import type { Item } from '../services/items/src/item-store.ts';
import { runCommand } from '../tools/command-line.ts';
import { createBacklog } from './relay/backlog.ts';
import { createLoad, type Figures } from './relay/load.ts';
import { type Options, parseOptions, usage } from './relay/options.ts';
import { startStack } from './stack.ts';

async function run({ events, seconds }: Options, signal: AbortSignal): Promise<number> {
  await using resources = new AsyncDisposableStack();
  console.error('starting auth and items ...');
  const { items, databaseUrl, logIn } = await startStack(1, resources, signal);
  const [service] = items;
  if (!service) throw new Error('there is no items process');
  const client = new MongoClient(databaseUrl);
  resources.defer(() => client.close());
  const backlog = createBacklog(client.db('bench').collection<Item>('items'), events, signal);
  await backlog.prepare();
  const load = await createLoad(service.url, await logIn(), seconds, signal);
  const round = async (name: string): Promise<Figures> => {
    console.error(`requests ${name} ...`);
    return load();
  };

  await round('to warm up');
  const before = await round('without a backlog');
  const memoryBefore = service.residentMb();
  // While it is frozen, no event leaves before the backlog is complete.
  service.freeze();
  console.error(`${events} events ...`);
  await backlog.fill().finally(() => service.thaw());
  const filledAt = new Date();

  const startedAt = performance.now();
  const secondsSoFar = () => (performance.now() - startedAt) / 1_000;
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, service.residentMb());
  };
  const draining = backlog.untilDrained(filledAt, look).then(secondsSoFar);
  const loading = round('while it drains').then((during) => ({ during, endedAfter: secondsSoFar() }));
  const [drainedIn, { during, endedAfter }] = await Promise.all([draining, loading]);
  const after = await round('without a backlog again');

  console.table({ before, 'while it drains': during, after, ratio: ratios(during, before, after) });
  console.log(
    `${events} events drained in ${drainedIn.toFixed(0)} s; requests were measured for ${endedAfter.toFixed(0)} s of it`,
  );
  const memory = [memoryBefore, peak, service.residentMb()].map((megabytes) => `${megabytes.toFixed(0)} MB`);
  console.log(`memory: ${memory[0]} before, ${memory[1]} at most, ${memory[2]} after`);
  return 0;
}

/** Each ratio is to the mean of the figures before and after. */
function ratios(during: Figures, before: Figures, after: Figures): Figures {
  const ratio = (figure: keyof Figures) =>
    Number(((2 * during[figure]) / (before[figure] + after[figure])).toFixed(2));
  return {
    'p50 ms': ratio('p50 ms'),
    'p97.5 ms': ratio('p97.5 ms'),
    'most requests/s': ratio('most requests/s'),
  };
}

await runCommand('bench:relay', { usage, parseOptions, run });
