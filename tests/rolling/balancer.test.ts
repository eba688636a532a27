import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nobodyAt, startThirdParty } from '../support/third-party.ts';
import { type Balancer, createBalancer } from './balancer.ts';
import { createTally, type Tally } from './tally.ts';

let tally: Tally;
let stops: (() => Promise<void>)[];

beforeEach(() => {
  tally = createTally();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

const PATH = '/utils/health-check/';
const answersTrue: RequestListener = (_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end('true');
};

async function server(listener: RequestListener): Promise<string> {
  const { url } = await startThirdParty({ stopLater: (stop) => void stops.push(stop) }, listener);
  return url;
}

async function balance(...urls: string[]): Promise<Balancer> {
  const readyUrl = await server(answersTrue);
  const balancer = createBalancer(
    urls.map((url) => ({ url, readyUrl })),
    tally,
  );
  stops.push(balancer.close);
  return balancer;
}

/** The API's document does not describe these answers. */
const call = ({ call }: Balancer, method = 'GET') => call(method, PATH).catch(() => undefined);

test('given a gateway that refuses, then the other one answers, and that is no failure', async () => {
  const balancer = await balance(await nobodyAt(), await server(answersTrue));
  for (let sent = 0; sent < 4; sent += 1) await call(balancer);
  expect(tally.failures).toEqual([]);
  expect(tally.movedOn).toBe(2);
  expect(tally.tookMs).toHaveLength(4);
});

test.each<[string, RequestListener]>([
  ['breaks the connection', (req) => void req.socket.destroy()],
  ['answers 503', (_req, res) => void res.writeHead(503).end()],
])('given a gateway that %s, then that is a failure, without a second try', async (_what, listener) => {
  let others = 0;
  const balancer = await balance(
    await server(listener),
    await server((req, res) => {
      others += 1;
      answersTrue(req, res);
    }),
  );
  for (let sent = 0; sent < 4; sent += 1) await call(balancer);
  expect(tally.failures).toHaveLength(2);
  expect(others).toBe(2);
});

test('given that all refuse, then that is a failure', async () => {
  await call(await balance(await nobodyAt(), await nobodyAt()));
  expect(tally.failures).toHaveLength(1);
});
