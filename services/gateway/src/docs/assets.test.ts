import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDocs, type TestDocs } from '../../../../tests/support/docs.ts';
import { exchangeRaw, lines } from '../../../../tests/support/raw-http.ts';

/** The files that the pages load. */
let docs: TestDocs;

beforeAll(async () => {
  docs = await startTestDocs();
});
afterAll(() => docs.stop());

const asset = async (start: string) => (await docs.assetPaths()).find((path) => path.startsWith(start)) ?? '';

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

test('have immutable addresses that change with their content', async () => {
  const paths = await docs.assetPaths();
  expect(paths).toHaveLength(9);
  for (const path of paths) {
    const [, hash, type = ''] = /-([0-9a-f]{12})\.(\w+)$/.exec(path) ?? [];
    const { status, headers, text } = await docs.get(path);
    expect([path, status]).toEqual([path, 200]);
    expect(createHash('sha256').update(text).digest('hex')).toMatch(RegExp(`^${hash}`));
    expect(headers.get('content-type')).toBe(TYPES[type]);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('vary')).toBe('Accept-Encoding');
  }
});

test.each([
  ['gzip, deflate, br, zstd', 'br', 0.3],
  ['gzip', 'gzip', 0.3],
  ['br;q=0, gzip', 'gzip', 0.3],
  ['*', 'br', 0.3],
  ['identity', null, 1],
  ['zstd', null, 1],
])('given a caller who takes %s, then they are sent as %s', async (accepted, sent, share) => {
  for (const start of ['/docs/assets/swagger-ui-bundle', '/redoc/assets/redoc-standalone']) {
    const path = await asset(start);
    const plain = await docs.get(path);
    const answer = await docs.get(path, accepted);
    expect(answer.headers.get('content-encoding')).toBe(sent);
    expect(answer.text).toBe(plain.text);
    const bytes = Number(answer.headers.get('content-length'));
    expect(bytes / Buffer.byteLength(plain.text)).toBeLessThanOrEqual(share);
    const head = await docs.call('HEAD', path, accepted);
    expect(head.headers.get('content-length')).toBe(answer.headers.get('content-length'));
  }
});

test('do not fetch the picture that Redoc has elsewhere', async () => {
  const { text } = await docs.get(await asset('/redoc/assets/redoc-standalone'));
  expect(text).not.toContain('cdn.redoc.ly');
  expect(text).toContain('src:"data:,"');
});

test('do not exist under any other name', async () => {
  const known = await asset('/docs/assets/swagger-ui-bundle');
  const others = [
    '/docs/assets',
    '/docs/assets/',
    '/docs/assets/package.json',
    '/docs/assets/docs.js',
    known.replace(/-[0-9a-f]{12}/, ''),
    known.replace(/-[0-9a-f]{12}/, '-000000000000'),
    `${known}.map`,
    `${known}/x`,
    known.toUpperCase(),
    known.replace('/docs/', '/redoc/'),
    '/docs/assets/../pages/docs.html',
    '/docs/assets/../../package.json',
    '/docs/assets/%2e%2e/%2e%2e/package.json',
    '/docs/assets/..%2f..%2fpackage.json',
    '/docs/assets/..\\..\\package.json',
    '/docs/assets//etc/passwd',
    '/docs/assets/%00',
    '/redoc/../../../etc/passwd',
    '/docs/index.html',
    '/Docs',
  ];
  for (const path of others) {
    const answer = await exchangeRaw(docs.url, lines(`GET ${path} HTTP/1.1`, 'Host: a', 'Connection: close'));
    expect([path, answer]).toEqual([
      path,
      expect.stringMatching(/^HTTP\/1\.1 404 [\s\S]*\{"detail":"Not Found"\}$/),
    ]);
  }
});

test('refuse other methods', async () => {
  const { status, headers } = await docs.call('POST', await asset('/docs/assets/docs'));
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('given requests for pages and files, then the log says which', async () => {
  await docs.get('/docs');
  await docs.get(await asset('/docs/assets/icon'));
  await expect
    .poll(docs.operations)
    .toEqual(expect.arrayContaining(['docs-swagger_ui', 'docs-redoc', 'docs-asset']));
});
