/**
 * What a backlog of events costs the requests of items while it drains, as a ratio to the same process without one in
 * the same run, and how much memory it takes: `npm run bench:relay [-- events [seconds]]`, 100,000 events by default,
 * 10 a document. The rounds without a backlog, before and after, are as long as those with it, `seconds` each.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { MongoClient, ObjectId } from 'mongodb';
import * as z from 'zod';
import type { Item } from '../services/items/src/item-store.ts';
import { itemUpdated } from '../services/items/src/items.ts';
import { startBroker, startDatabase } from '../tools/engines/index.ts';
import { startService } from './service-process.ts';

const EVENTS = Number(process.argv[2] ?? 100_000);
const SECONDS = Number(process.argv[3] ?? 15);
const EVENTS_A_DOCUMENT = 10;
const PAGE = 500;
const CONNECTIONS = 16;
/** Requests a second that two cores do with ease. */
const STEADY_RATE = 150;

const dataDir = await mkdtemp(join(tmpdir(), 'quartet-bench-'));
const database = await startDatabase({ dataDir: join(dataDir, 'database') });
const broker = await startBroker({ dataDir: join(dataDir, 'broker') });
const client = new MongoClient(database.url);
const items = client.db('bench').collection<Item>('items');

const login = { FIRST_SUPERUSER: 'a@example.com', FIRST_SUPERUSER_PASSWORD: 'changethis' };
const env = {
  ...login,
  MONGODB_URL: database.url,
  DOCUMENTDB_DB: 'bench',
  NATS_URL: broker.url,
  NATS_NAMESPACE: 'bench',
  SECRET_KEY: 'a secret key for a benchmark',
};
const auth = await startService('auth', env);
const service = await startService('items', { ...env, AUTH_URL: auth.url });

const form = new URLSearchParams({
  username: login.FIRST_SUPERUSER,
  password: login.FIRST_SUPERUSER_PASSWORD,
});
const answer = await fetch(`${auth.url}/api/v1/login/access-token`, { method: 'POST', body: form });
const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json());
const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
const body = JSON.stringify({ title: 'one more' });
const made = await fetch(`${service.url}/api/v1/items/`, { method: 'POST', headers, body });
const { id } = z.object({ id: z.string() }).parse(await made.json());

/** Half writes, half reads. */
async function load(rate: number | undefined) {
  const { non2xx, errors, latency, requests } = await autocannon({
    url: service.url,
    connections: CONNECTIONS,
    duration: SECONDS,
    headers,
    ...(rate === undefined ? {} : { overallRate: rate }),
    requests: [
      { method: 'POST', path: '/api/v1/items/', body },
      { method: 'GET', path: `/api/v1/items/${id}` },
    ],
  });
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests failed`);
  return { latency, requests };
}

/** Requests at a steady rate, then as many as there can be. */
async function round(name: string) {
  const [steady, most] = [await load(STEADY_RATE), await load(undefined)];
  console.error(`${name}: done`);
  const { p50, p97_5 } = steady.latency;
  return { 'p50 ms': p50, 'p97.5 ms': p97_5, 'most requests/s': most.requests.average };
}

/** Documents without events, so that the collection is as large before as it is after. */
async function makeDocuments(): Promise<void> {
  const at = new Date();
  for (let done = 0; done < EVENTS / EVENTS_A_DOCUMENT; done += PAGE) {
    const documents = Array.from({ length: PAGE }, () => ({
      ...{ _id: new ObjectId(), owner_id: new ObjectId(), title: 'x', description: null },
      ...{ created_at: at, updated_at: at, outbox: [] },
    }));
    await items.insertMany(documents);
  }
}

async function fillOutboxes(): Promise<void> {
  const documents = await items.find({}, { limit: EVENTS / EVENTS_A_DOCUMENT }).toArray();
  while (documents.length > 0) {
    const context = { now: new Date() };
    const updates = documents.splice(0, PAGE).map((item) => {
      const outbox = Array.from({ length: EVENTS_A_DOCUMENT }, () => itemUpdated(item, ['title'], context));
      return { updateOne: { filter: { _id: item._id }, update: { $set: { outbox } } } };
    });
    await items.bulkWrite(updates, { ordered: false });
  }
}

await makeDocuments();
await round('warming up');
const before = await round('without a backlog');
const memoryBefore = service.residentMb();
// Frozen, so that the backlog is whole before the first of it goes out.
service.freeze();
await fillOutboxes();
const until = new Date().toISOString();
service.thaw();

const startedAt = performance.now();
const draining = (async () => {
  let peak = 0;
  while (await items.findOne({ 'outbox.time': { $gt: '', $lt: until } })) {
    peak = Math.max(peak, service.residentMb());
    await delay(1_000);
  }
  return { peak, seconds: (performance.now() - startedAt) / 1_000 };
})();
const during = await round('with a backlog');
const requestsEndedAfter = (performance.now() - startedAt) / 1_000;
const { peak, seconds } = await draining;
const after = await round('without a backlog again');
const memoryAfter = service.residentMb();

type Figures = typeof before;
const ratio = (figure: keyof Figures) =>
  Number(((2 * during[figure]) / (before[figure] + after[figure])).toFixed(2));
const ratios = {
  'p50 ms': ratio('p50 ms'),
  'p97.5 ms': ratio('p97.5 ms'),
  'most requests/s': ratio('most requests/s'),
};
console.table({ before, 'while it drains': during, after, ratio: ratios });
console.log(
  `${EVENTS} events drained in ${seconds.toFixed(0)} s; requests were measured for ${requestsEndedAfter.toFixed(0)} s of it`,
);
console.log(
  `memory: ${memoryBefore.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most, ${memoryAfter.toFixed(0)} MB after`,
);

await service.stop();
await auth.stop();
await client.close();
await broker.stop();
await database.stop();
await rm(dataDir, { recursive: true, force: true });
