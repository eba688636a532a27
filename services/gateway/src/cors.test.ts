import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../../tests/support/client.ts';
import { allMethods, type GatewayBed, startGatewayBed } from '../../../tests/support/gateway.ts';
import { runGateway } from '../../../tests/support/services.ts';
import { nobodyAt } from '../../../tests/support/third-party.ts';

const FRONTEND = 'https://app.example';
let all: GatewayBed;
let seen = 0;

beforeAll(async () => {
  const routes = [...allMethods('/items'), ...allMethods('/items/{id}', 'user')];
  all = await startGatewayBed(
    (_req, res) => {
      seen += 1;
      res.end('ok');
    },
    // The trailing slash is one that people type and no browser sends.
    { FRONTEND_HOST: `${FRONTEND}/`, BACKEND_CORS_ORIGINS: 'http://one.example, https://two.example:8443' },
    routes,
  );
});
afterAll(() => all.bed.stop());

const corsHeaders = ({ headers }: Answer): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

const from = (origin: string, more: Record<string, string> = {}) => ({ headers: { origin, ...more } });

const ALLOWED = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'X-Request-Id, Retry-After, ETag',
});

describe('given a request of a page', () => {
  test.each([FRONTEND, 'http://one.example', 'https://two.example:8443'])(
    'when the page is from %s, then it may read the answer',
    async (origin) => {
      const answer = await all.gateway.client('GET', '/items', from(origin));
      expect(corsHeaders(answer)).toEqual(ALLOWED(origin));
      expect(answer.headers.get('vary')).toBe('Origin');
    },
  );

  test.each([
    'https://evil.example',
    `${FRONTEND}/`,
    `${FRONTEND}.evil.example`,
    'http://app.example',
    'https://APP.example',
    'https://two.example',
    'null',
    '*',
  ])('when the page is from %s, then the answer has no CORS header', async (origin) => {
    const answer = await all.gateway.client('GET', '/items', from(origin));
    expect(answer.status).toBe(200);
    expect(corsHeaders(answer)).toEqual({});
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  test('when there is no page at all, then the answer still varies by origin', async () => {
    const answer = await all.gateway.client('GET', '/items');
    expect(corsHeaders(answer)).toEqual({});
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  test.each([
    ['401', 'GET', '/items/1', 401],
    ['404', 'GET', '/nothing', 404],
    ['405', 'PUT', '/utils/health-check/', 405],
    ["a service's 422", 'POST', '/users/signup', 422],
  ])('when the answer is %s, then the page may read it', async (_name, method, path, status) => {
    const answer = await all.gateway.client(method, path, from(FRONTEND));
    expect(answer.status).toBe(status);
    expect(corsHeaders(answer)).toEqual(ALLOWED(FRONTEND));
  });

  test('when the service is away, then the page may read the 503', async () => {
    const env = { AUTH_URL: all.auth.url, ITEMS_URL: await nobodyAt(), FRONTEND_HOST: FRONTEND };
    const { client } = await runGateway(all.bed, env);
    const answer = await client('GET', '/items', from(FRONTEND));
    expect(answer.status).toBe(503);
    expect(corsHeaders(answer)).toEqual(ALLOWED(FRONTEND));
    expect(answer.headers.get('retry-after')).toBeTruthy();
  });
});

describe('given a preflight', () => {
  const wanted = {
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization,content-type,x-anything',
  };

  test.each(['/items', '/items/1', '/users/me', '/nothing', '/utils/health-check/'])(
    'when it is for %s, then the gateway answers it and no service sees it',
    async (path) => {
      const before = seen;
      const answer = await all.gateway.client('OPTIONS', path, from(FRONTEND, wanted));
      expect(answer.status).toBe(204);
      expect(answer.text).toBe('');
      const { 'access-control-allow-methods': methods, ...others } = corsHeaders(answer);
      expect(methods?.split(', ').toSorted()).toEqual([
        'DELETE',
        'GET',
        'HEAD',
        'OPTIONS',
        'PATCH',
        'POST',
        'PUT',
      ]);
      expect(others).toEqual({
        'access-control-allow-origin': FRONTEND,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'authorization,content-type,x-anything',
        'access-control-max-age': expect.stringMatching(/^\d+$/),
      });
      expect(answer.headers.get('vary')).toMatch(/^Origin\b/);
      expect(answer.headers.get('x-request-id')).toBeTruthy();
      expect(seen).toBe(before);
    },
  );

  test('when it wants no headers, then none are allowed', async () => {
    const call = from(FRONTEND, { 'access-control-request-method': 'GET' });
    const answer = await all.gateway.client('OPTIONS', '/items', call);
    expect(answer.status).toBe(204);
    expect(answer.headers.has('access-control-allow-headers')).toBe(false);
  });

  test('when it is from another origin, then it gets no CORS header', async () => {
    const answer = await all.gateway.client('OPTIONS', '/items', from('https://evil.example', wanted));
    expect(corsHeaders(answer)).toEqual({});
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  test('given an OPTIONS request that is no preflight, then it is answered like any method', async () => {
    expect((await all.gateway.client('OPTIONS', '/items', from(FRONTEND))).status).toBe(405);
    expect((await all.gateway.client('OPTIONS', '/nothing')).status).toBe(404);
  });
});
