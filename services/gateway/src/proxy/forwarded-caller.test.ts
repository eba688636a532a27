import type { IncomingHttpHeaders } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { gatewayFixture } from '../../../../tests/support/fixtures.ts';
import { exchangeRaw, lines } from '../../../../tests/support/raw-http.ts';
import { runGateway } from '../../../../tests/support/services.ts';

let seen: IncomingHttpHeaders;

const all = await gatewayFixture((req, res) => {
  seen = req.headers;
  res.end();
});

async function askThrough(url: string, ...headers: string[]): Promise<Record<string, unknown>> {
  const head = ['GET /api/v1/items HTTP/1.1', 'Host: api.example:8000', 'Connection: close'];
  await exchangeRaw(url, lines(...head, ...headers));
  const { 'x-forwarded-for': from, 'x-forwarded-proto': proto, 'x-forwarded-host': host } = seen;
  return { from, proto, host };
}

const CLAIMED = [
  'X-Forwarded-For: 203.0.113.9, 198.51.100.7',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: www.example',
];

describe('given a caller that is no trusted proxy', () => {
  test('when it sends no such header, then the service learns its address', async () => {
    expect(await askThrough(all.gateway.url)).toEqual({
      from: '127.0.0.1',
      proto: 'http',
      host: 'api.example:8000',
    });
  });

  test('when it claims other addresses, then they are ignored', async () => {
    const others = [
      'Forwarded: for=203.0.113.9',
      'X-Real-IP: 203.0.113.9',
      'X-Forwarded-Port: 443',
      'X-Forwarded-User: admin',
    ];
    expect(await askThrough(all.gateway.url, ...CLAIMED, ...others)).toEqual({
      from: '127.0.0.1',
      proto: 'http',
      host: 'api.example:8000',
    });
    expect(JSON.stringify(seen)).not.toContain('203.0.113.9');
    expect(seen).not.toHaveProperty('x-forwarded-port');
    expect(seen).not.toHaveProperty('x-forwarded-user');
  });

  test('when only other proxies are trusted, then its claims are ignored', async () => {
    const env = { AUTH_URL: all.auth.url, ITEMS_URL: all.items.url, TRUSTED_PROXIES: '10.0.0.0/8' };
    const { url } = await runGateway(all.bed, env);
    expect((await askThrough(url, ...CLAIMED)).from).toBe('127.0.0.1');
  });
});

describe.each(['127.0.0.1', 'loopback', '["10.1.2.3","127.0.0.0/8"]'])(
  'given TRUSTED_PROXIES=%s',
  (trusted) => {
    let url: string;
    beforeAll(async () => {
      const env = { AUTH_URL: all.auth.url, ITEMS_URL: all.items.url, TRUSTED_PROXIES: trusted };
      ({ url } = await runGateway(all.bed, env));
    });

    test('when the proxy forwards others, then the proxy is added to the chain', async () => {
      expect(await askThrough(url, ...CLAIMED)).toEqual({
        from: '203.0.113.9, 198.51.100.7, 127.0.0.1',
        proto: 'https',
        host: 'www.example',
      });
    });

    test('when the proxy sends no or an empty header, then the proxy is forwarded as the caller', async () => {
      const itself = { from: '127.0.0.1', proto: 'http', host: 'api.example:8000' };
      expect(await askThrough(url)).toEqual(itself);
      const empty = ['X-Forwarded-For:', 'X-Forwarded-Proto:', 'X-Forwarded-Host:'];
      expect(await askThrough(url, ...empty)).toEqual(itself);
    });
  },
);
