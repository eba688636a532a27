import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { gatewayFixture } from '../../../tests/support/fixtures.ts';
import { expectUnavailable } from '../../../tests/support/gateway.ts';
import { runGateway } from '../../../tests/support/services.ts';
import { nobodyAt, startThirdParty } from '../../../tests/support/third-party.ts';

const counts = [0, 0, 0];
const slow: (() => void)[] = [];

const replica =
  (index: number): RequestListener =>
  (req, res) => {
    counts[index] = (counts[index] ?? 0) + 1;
    const answer = () => res.end(String(index));
    if (req.url?.endsWith('/slow')) slow.push(answer);
    else answer();
  };

const all = await gatewayFixture([replica(0), replica(1), replica(2)]);

describe('given three addresses', () => {
  test('when requests come one after the other, then all addresses get some of them', async () => {
    counts.fill(0);
    for (let sent = 0; sent < 30; sent += 1) await all.gateway.client('GET', '/items');
    expect(counts).toEqual([10, 10, 10]);
  });

  test('when one is slow, then the others get the requests', async () => {
    const waiting = Array.from({ length: 2 }, () => all.gateway.client('GET', '/items/slow'));
    await expect.poll(() => slow.length).toBe(2);
    counts.fill(0);
    for (let sent = 0; sent < 10; sent += 1) await all.gateway.client('GET', '/items');
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 10]);
    for (const answer of slow) answer();
    await Promise.all(waiting);
  });

  test('when one dies between requests, then no request fails', async () => {
    const [dead] = all.replicas;
    await dead?.kill();
    counts.fill(0);
    const methods = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? 'POST' : 'GET'));
    const answers = await Promise.all(methods.map((method) => all.gateway.client(method, '/items')));
    expect(answers.map(({ status }) => status)).toEqual(methods.map(() => 200));
    expect(counts[0]).toBe(0);
    expect(Math.min(...counts.slice(1))).toBeGreaterThan(10);
  });
});

describe('given a service that is away', () => {
  test('when it is called, then the answer is a 503 until the service is back', async () => {
    const url = await nobodyAt();
    const env = { AUTH_URL: all.auth.url, ITEMS_URL: url };
    const { client } = await runGateway(all.bed, env, ['/items']);
    expectUnavailable(await client('GET', '/items'));
    expectUnavailable(await client('POST', '/items', { raw: 'x' }));
    expect((await client('GET', '/users/me')).status).toBe(401);
    expect((await client('GET', '/utils/health-check/')).body).toBe(true);

    const back = await startThirdParty(all.bed, replica(0), Number(new URL(url).port));
    expect((await client('POST', '/items', { raw: 'x' })).text).toBe('0');
    await back.kill();
    expectUnavailable(await client('GET', '/items'));
    await startThirdParty(all.bed, replica(1), Number(new URL(url).port));
    expect((await client('GET', '/items')).text).toBe('1');
  });

  test('when it is sent a body, then the answer is also a 503', async () => {
    const { client } = await runGateway(all.bed, { AUTH_URL: all.auth.url, ITEMS_URL: await nobodyAt() });
    expectUnavailable(await client('POST', '/items', { raw: new Uint8Array(100_000) }));
  });
});
