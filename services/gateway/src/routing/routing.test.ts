import { storeRegistration } from '@quartet/common/events/kv/service-registry.ts';
import { describe, expect, test } from 'vitest';
import { ADMIN } from '../../../../tests/support/client.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { runAuth, runGateway } from '../../../../tests/support/services.ts';
import { startTestbed } from '../../../../tests/support/testbed.ts';
import { nobodyAt, startThirdParty } from '../../../../tests/support/third-party.ts';

const { admin, call } = await allServicesFixture();

describe('a path that exists', () => {
  test('when it is called, then the service that registered it answers', async () => {
    const made = await call('POST', '/items/', { token: admin, body: { title: 'one' } });
    expect(made.status).toBe(200);
    const { id } = made.body as { id: string };
    expect((await call('GET', `/items/${id}`, { token: admin })).body).toEqual(made.body);
    expect((await call('GET', '/users/me', { token: admin })).body).toMatchObject({ email: ADMIN.email });
    expect((await call('POST', '/utils/test-email/', { token: admin })).status).toBe(422);
  });

  test.each(['/items', '/items/', '/items?limit=1', '/items/?limit=1'])(
    'given %s, then it is answered without a redirect',
    async (path) => {
      const { status, body } = await call('GET', path, { token: admin });
      expect(status).toBe(200);
      expect(body).toMatchObject({ count: expect.any(Number) });
    },
  );

  test('when it is asked for by HEAD, then the answer is that of GET without its body', async () => {
    const get = await call('GET', '/users/me', { token: admin });
    const head = await call('HEAD', '/users/me', { token: admin });
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    expect((await call('HEAD', '/users/me')).status).toBe(401);
  });

  test('given a fixed path beside an id, then the fixed path wins', async () => {
    const { status, headers, body } = await call('GET', '/users/signup');
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
    expect(body).toEqual({ detail: 'Method Not Allowed' });
  });
});

describe('a path that does not exist', () => {
  test.each([
    '/nothing',
    '/items/a/b',
    '/users//me',
    '/',
    '//',
    '/items%2Fme/x/y',
    '/%zz',
    '/utils/health-check/x',
  ])('given %s, then it is a 404 with and without a token', async (path) => {
    for (const token of [undefined, admin, 'nonsense']) {
      const { status, body } = await call('GET', path, { token });
      expect(status).toBe(404);
      expect(body).toEqual({ detail: 'Not Found' });
    }
  });
});

describe('a method that a path does not take', () => {
  test.each([
    ['DELETE', '/items/', 'GET, HEAD, POST'],
    ['POST', '/items/650000000000000000000000', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['POST', '/users/me', 'GET, HEAD, PATCH, PUT, DELETE'],
    ['GET', '/login/access-token', 'POST'],
    ['OPTIONS', '/items', 'GET, HEAD, POST'],
    ['DELETE', '/utils/health-check/', 'GET, HEAD'],
  ])('given %s %s, then it is a 405 with and without a token', async (method, path, allow) => {
    for (const token of [undefined, admin, 'nonsense']) {
      const { status, headers, body } = await call(method, path, { token });
      expect(status).toBe(405);
      expect(headers.get('allow')?.split(', ').toSorted()).toEqual(allow.split(', ').toSorted());
      expect(body).toEqual({ detail: 'Method Not Allowed' });
    }
  });
});

describe('routes that services register', () => {
  test('given a service that registers a route of another, then it is refused, logged and counted, and its own routes are accepted', async () => {
    const apart = await startTestbed();
    try {
      const own = await runAuth(apart);
      const captured = await startThirdParty(apart, (_req, res) => res.end('captured'));
      const env = { AUTH_URL: own.url, ITEMS_URL: captured.url, NOTIFIER_URL: await nobodyAt() };
      const gateway = await runGateway(apart, env, ['/items', '/emails']);
      const route = (path: string) => ({ method: 'POST' as const, path, access: 'anyone' as const });
      const stolen = [
        '/login/access-token',
        '/users/signup',
        '/items-of-mine',
        '/',
        '/password-recovery/{email}',
      ];
      await storeRegistration(apart.broker, 'notifier', { routes: [] });
      await storeRegistration(apart.broker, 'items', { routes: [...stolen, '/items/'].map(route) });
      await expect.poll(async () => (await gateway.client('POST', '/items/')).text).toBe('captured');
      const form = { username: 'ada@example.com', password: 'a long one' };
      const login = await gateway.client('POST', '/login/access-token', { form });
      expect([login.status, login.body]).toEqual([400, { detail: 'Incorrect email or password' }]);
      expect((await gateway.client('POST', '/items-of-mine')).status).toBe(404);
      const metric = 'quartet_routes_refused_total{service="items"}';
      expect(await gateway.metrics.metrics()).toContain(`${metric} ${stolen.length}`);
      const logged = apart
        .logLines()
        .filter(({ msg }) => msg === 'a service registers a route that is not its own');
      expect(logged.map(({ service, path }) => [service, path])).toEqual(
        stolen.map((path) => ['items', path]),
      );
    } finally {
      await apart.stop();
    }
  });

  test('given services that never registered, then an unknown path is a 503 until the last one has', async () => {
    const apart = await startTestbed();
    try {
      const own = await runAuth(apart);
      const upstream = await startThirdParty(apart, (_req, res) => res.end('there'));
      const env = { AUTH_URL: own.url, ITEMS_URL: upstream.url, NOTIFIER_URL: await nobodyAt() };
      const gateway = await runGateway(apart, env, ['/items', '/emails']);
      const early = await gateway.client('GET', '/items/things');
      expect(early.status).toBe(503);
      expect(early.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(early.body).toEqual({ detail: 'Service unavailable' });
      expect((await gateway.health()).problems).toHaveLength(2);
      expect((await gateway.client('GET', '/users/me')).status).toBe(401);

      await storeRegistration(apart.broker, 'items', {
        routes: [{ method: 'GET', path: '/items/things', access: 'anyone' }],
      });
      await expect.poll(async () => (await gateway.client('GET', '/items/things')).text).toBe('there');
      expect((await gateway.client('GET', '/nothing')).status).toBe(503);

      await storeRegistration(apart.broker, 'notifier', { routes: [] });
      await expect.poll(async () => (await gateway.client('GET', '/nothing')).status).toBe(404);
      expect(await gateway.health()).toEqual({ problems: [], notes: [] });

      await storeRegistration(apart.broker, 'items', {
        routes: [{ method: 'GET', path: '/items/others', access: 'user' }],
      });
      await expect.poll(async () => (await gateway.client('GET', '/items/things')).status).toBe(404);
      expect((await gateway.client('GET', '/items/others')).status).toBe(401);

      await storeRegistration(apart.broker, 'stranger', {
        routes: [{ method: 'GET', path: '/taken', access: 'anyone' }],
      });
      await storeRegistration(apart.broker, 'notifier', {
        routes: [{ method: 'GET', path: '/emails/last', access: 'user' }],
      });
      await expect.poll(async () => (await gateway.client('GET', '/emails/last')).status).toBe(401);
      expect((await gateway.client('GET', '/taken')).status).toBe(404);
    } finally {
      await apart.stop();
    }
  });
});
