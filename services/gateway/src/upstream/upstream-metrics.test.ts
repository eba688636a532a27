import { expect, test } from 'vitest';
import { gatewayFixture } from '../../../../tests/support/fixtures.ts';
import { type Running, runGateway } from '../../../../tests/support/services.ts';

const held: (() => void)[] = [];

const all = await gatewayFixture(
  (req, res) => {
    if (req.url?.endsWith('/hold')) held.push(() => res.end('at last'));
    else if (req.url?.endsWith('/hang-up')) req.socket.destroy();
    else if (!req.url?.endsWith('/silent')) res.end(JSON.stringify(req.headers));
  },
  { UPSTREAM_TIMEOUT_SECONDS: '1' },
);

const told = async (name: string, by: Running = all.gateway): Promise<string[]> =>
  (await by.metrics.metrics()).split('\n').filter((line) => line.startsWith(`quartet_${name}`));

test('given requests that a service processes, then they count as in flight until it answers', async () => {
  // One that waits for longer than the test does.
  const env = { AUTH_URL: all.auth.url, ITEMS_URL: all.items.url };
  const patient = await runGateway(all.bed, env, ['/items']);
  const inFlight = async () =>
    (await told('upstream_requests_in_flight', patient)).find((line) => line.includes('items'));
  const answers = [patient.client('GET', '/items/hold'), patient.client('GET', '/items/hold')];
  await expect.poll(() => held.length).toBe(2);
  expect(await inFlight()).toBe('quartet_upstream_requests_in_flight{service="items"} 2');
  for (const answer of held) answer();
  await Promise.all(answers);
  await expect.poll(inFlight).toBe('quartet_upstream_requests_in_flight{service="items"} 0');
});

test('given tries that fail, then they are counted by reason', async () => {
  const { client } = all.gateway;
  expect((await client('POST', '/items/hang-up')).status).toBe(503);
  expect((await client('GET', '/items/silent')).status).toBe(503);
  await all.items.kill();
  expect((await client('GET', '/items/1')).status).toBe(503);
  expect(await told('upstream_failures_total')).toEqual([
    'quartet_upstream_failures_total{service="items",reason="broken"} 1',
    'quartet_upstream_failures_total{service="items",reason="timeout"} 1',
    'quartet_upstream_failures_total{service="items",reason="unreachable"} 1',
  ]);
});

test('then the gateway counts by the services’ templates, and its own routes too', async () => {
  await all.gateway.client('GET', '/utils/health-check/');
  const counted = async () => (await told('http_request_duration_seconds_count')).join('\n');
  await expect.poll(counted).toMatch(/method="GET",route="\/utils\/health-check\/",status="200"\} 1/);
  expect(await counted()).toMatch(/method="POST",route="\/items\/\{id\}",status="503"\} 1/);
  expect(await counted()).not.toMatch(/hang-up|silent|hold/);
});
