import { type Registration, storeRegistration } from '@quartet/common/events/kv/service-registry.ts';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { gatewayFixture } from '../../../../tests/support/fixtures.ts';
import { runAuth, runGateway, runItems } from '../../../../tests/support/services.ts';
import { startTestbed } from '../../../../tests/support/testbed.ts';
import { nobodyAt } from '../../../../tests/support/third-party.ts';

const all = await gatewayFixture((_req, res) => res.end());

const openApi = z.object({
  openapi: z.literal('3.1.0'),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

const fetchDocument = async (path = '/openapi.json') => {
  const { status, body, headers } = await all.gateway.client('GET', path);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  return openApi.parse(body);
};

const registerItems = (api: Partial<Registration['api']>) =>
  storeRegistration(all.bed.broker, 'items', {
    routes: [],
    api: { tags: [], paths: {}, schemas: {}, ...api },
  });

const summaries = async () =>
  Object.values((await fetchDocument()).paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );

test('the AsyncAPI document names the services that act on an event as they registered it', async () => {
  const receivers = z.object({
    channels: z.record(z.string(), z.object({ 'x-consumers': z.array(z.string()) })),
  });
  const consumers = async () => {
    const { body } = await all.gateway.client('GET', '/asyncapi.json');
    return receivers.parse(body).channels['user.deleted']?.['x-consumers'];
  };
  expect(await consumers()).toEqual([]);
  await storeRegistration(all.bed.broker, 'items', { routes: [], consumes: ['user.deleted'] });
  await expect.poll(consumers).toEqual(['items']);
  await storeRegistration(all.bed.broker, 'notifier', { routes: [], consumes: ['user.deleted', 'nonsense'] });
  await expect.poll(consumers).toEqual(['items', 'notifier']);
});

describe('the document', () => {
  test('given services that registered their routes, then it contains them all and the gateway’s own', async () => {
    expect(await summaries()).toEqual(
      expect.arrayContaining(['login-login_access_token', 'users-read_users', 'utils-health_check']),
    );
    expect((await fetchDocument()).info.title).toBe('Quartet');
  });

  test('then a trailing slash makes no difference, HEAD has no body, other methods are 405', async () => {
    await fetchDocument('/openapi.json/');
    const head = await all.gateway.client('HEAD', '/openapi.json');
    expect([head.status, head.text]).toEqual([200, '']);
    const post = await all.gateway.client('POST', '/openapi.json');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('when a service registers something else, then the document changes without a restart', async () => {
    await registerItems({ paths: { '/api/v1/items/things/': { get: { operationId: 'things-first' } } } });
    await expect.poll(summaries).toContain('things-first');
    await registerItems({ paths: { '/api/v1/items/things/': { get: { operationId: 'things-second' } } } });
    await expect.poll(summaries).toContain('things-second');
    expect(await summaries()).not.toContain('things-first');
  });

  test('when services contradict each other, then the last document without conflicts stays, and the log says why', async () => {
    await registerItems({ paths: { '/api/v1/items/things/': { get: { operationId: 'things-good' } } } });
    await expect.poll(summaries).toContain('things-good');
    await registerItems({ schemas: { UserPublic: { type: 'string' } } });
    const complaint = () => all.bed.logLines().find(({ msg }) => msg === 'the API document cannot be merged');
    await expect.poll(complaint).toMatchObject({ err: { message: 'described twice: schema UserPublic' } });
    expect(await summaries()).toContain('things-good');
    const started = await runGateway(all.bed, { AUTH_URL: all.auth.url });
    const { body } = await started.client('GET', '/openapi.json');
    expect(openApi.parse(body).paths).toHaveProperty(['/api/v1/items/things/']);
    await registerItems({ paths: { '/api/v1/items/things/': { get: { operationId: 'things-better' } } } });
    await expect.poll(summaries).toContain('things-better');
  });

  test('when a service registers something unreadable, then its last readable part stays', async () => {
    await registerItems({ paths: { '/api/v1/items/things/': { get: { operationId: 'things-kept' } } } });
    await expect.poll(summaries).toContain('things-kept');
    const kv = await all.bed.broker.kvm.open(all.bed.broker.names.routes);
    await kv.put('items', '{"nonsense":true}');
    const complaint = () =>
      all.bed.logLines().find(({ msg }) => msg === 'an entry of a bucket cannot be read');
    await expect.poll(complaint).toBeDefined();
    expect(await summaries()).toContain('things-kept');
  });
});

test('given a service that has never registered, then there is no document yet: 503', async () => {
  const bed = await startTestbed();
  try {
    const auth = await runAuth(bed);
    const env = { AUTH_URL: auth.url, ITEMS_URL: await nobodyAt(), NOTIFIER_URL: await nobodyAt() };
    const gateway = await runGateway(bed, env);
    const early = await gateway.client('GET', '/openapi.json');
    expect([early.status, early.body]).toEqual([503, { detail: 'Service unavailable' }]);
    expect(early.headers.get('retry-after')).toBe('1');
    expect((await gateway.client('GET', '/asyncapi.json')).status).toBe(503);

    const items = await runItems(bed, auth);
    await storeRegistration(bed.broker, 'notifier', { routes: [] });
    const paths = async () =>
      openApi.safeParse((await gateway.client('GET', '/openapi.json')).body).data?.paths;
    await expect.poll(paths).toHaveProperty(['/api/v1/items/']);

    await items.stop();
    expect((await gateway.client('GET', '/items/')).status).toBe(401);
    expect(await paths()).toHaveProperty(['/api/v1/items/']);
  } finally {
    await bed.stop();
  }
});
