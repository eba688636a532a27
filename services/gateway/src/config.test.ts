import { ConfigError } from '@quartet/common/config/config.ts';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const DEPLOYED = { ENVIRONMENT: 'staging', NATS_PASSWORD: 'a long random text' };

function mistakesOf(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(env);
  } catch (err) {
    if (err instanceof ConfigError) return err.message;
  }
  return 'none';
}

describe('a configuration', () => {
  test('given no settings, then the defaults apply', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      port: 8000,
      privatePort: 9000,
      privateHosts: [],
      upstreamTimeoutMs: 30_000,
      upstreams: {
        auth: ['http://localhost:8001'],
        items: ['http://localhost:8002'],
        notifier: ['http://localhost:8003'],
      },
    });
    expect(config.corsOrigins).toContain('http://localhost:5173');
    expect(config.trustsProxy('127.0.0.1', 0)).toBe(false);
  });

  test.each([
    [{}, 1_000],
    [{ ENVIRONMENT: 'local', CONNECTIONS_PER_ADDRESS: '7' }, 7],
    [{ ...DEPLOYED, CONNECTIONS_PER_ADDRESS: '' }, 200],
    [{ ...DEPLOYED, CONNECTIONS_PER_ADDRESS: '7' }, 7],
  ])('given %j, then a caller may have %i connections', (env, connections) => {
    expect(loadConfig(env).connectionsPerAddress).toBe(connections);
  });

  test('given empty values, then they count as unset', () => {
    expect(loadConfig({ ITEMS_URL: '', TRUSTED_PROXIES: '', PORT: '' })).toMatchObject({
      port: 8000,
      upstreams: { items: ['http://localhost:8002'] },
    });
  });

  test.each(['http://a:1,http://b:2/', ' http://a:1 , http://b:2 ', '["http://a:1/","http://b:2"]'])(
    'given several addresses as %s, then each is one',
    (ITEMS_URL) => {
      expect(loadConfig({ ITEMS_URL }).upstreams.items).toEqual(['http://a:1', 'http://b:2']);
    },
  );

  test.each(['https://a.example/,https://b.example', '["https://a.example","https://b.example/"]'])(
    'given origins as %s, then a trailing slash does not count',
    (BACKEND_CORS_ORIGINS) => {
      const { corsOrigins } = loadConfig({ FRONTEND_HOST: 'https://f.example/', BACKEND_CORS_ORIGINS });
      expect(corsOrigins).toEqual(['https://f.example', 'https://a.example', 'https://b.example']);
    },
  );

  test.each([
    ['https://Dashboard.Example.com:443/app', 'https://dashboard.example.com'],
    ['HTTP://LOCALHOST:80/', 'http://localhost'],
    ['https://a.example:8443', 'https://a.example:8443'],
    ['https://b\u00fccher.example/x/y', 'https://xn--bcher-kva.example'],
    ['http://[::1]:5173', 'http://[::1]:5173'],
    ['http://127.1', 'http://127.0.0.1'],
  ])('given %s, then it is allowed in the form in which a browser says it: %s', (address, origin) => {
    expect(loadConfig({ FRONTEND_HOST: address }).corsOrigins[0]).toBe(origin);
    expect(loadConfig({ BACKEND_CORS_ORIGINS: address }).corsOrigins[1]).toBe(origin);
    expect(loadConfig({ BACKEND_CORS_ORIGINS: JSON.stringify([address]) }).corsOrigins[1]).toBe(origin);
  });

  test.each([
    ['TRUSTED_PROXIES', 'nonsense'],
    ['TRUSTED_PROXIES', '10.0.0.0/99'],
    ['TRUSTED_PROXIES', '["10.0.0.1"'],
    ['BACKEND_CORS_ORIGINS', '["http://a", 1]'],
    ['ITEMS_URL', 'localhost:8002'],
    ['ITEMS_URL', ','],
    ['ITEMS_URL', 'http://a:1,ftp://b'],
    ['ITEMS_URL', 'http://a:1/items'],
    ['ITEMS_URL', 'http://a:1?x=y'],
    ['AUTH_URL', 'not an address'],
    ['UPSTREAM_TIMEOUT_SECONDS', '0'],
    ['UPSTREAM_TIMEOUT_SECONDS', 'soon'],
    ['FRONTEND_HOST', 'app.example'],
    ['PORT', '65536'],
    ['LOG_LEVEL', 'loud'],
    ['ENVIRONMENT', 'moon'],
  ])('given %s=%s, then the mistake is named', (name, value) => {
    expect(mistakesOf({ [name]: value })).toContain(`  ${name}`);
  });

  test('given the default password of the broker, then it is refused outside local and listed there', () => {
    const env = { NATS_PASSWORD: 'changethis' };
    expect(mistakesOf({ ...env, ENVIRONMENT: 'staging' })).toContain(
      '  NATS_PASSWORD: must not be "changethis"',
    );
    expect(loadConfig(env).defaultSecrets).toEqual(['NATS_PASSWORD']);
  });

  test('given several mistakes, then all are named at once', () => {
    const message = mistakesOf({ PORT: 'x', AUTH_URL: 'x', TRUSTED_PROXIES: 'x' });
    for (const name of ['PORT', 'AUTH_URL', 'TRUSTED_PROXIES']) expect(message).toContain(name);
  });
});
