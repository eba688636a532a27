import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createApp } from '@quartet/common/http/app.ts';
import { listen } from '@quartet/common/http/server/server.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { expect, onTestFinished, test } from 'vitest';
import { exchangeRaw, lines } from '../../../../tests/support/raw-http.ts';
import { tempFolder } from '../../../../tests/support/temp-folder.ts';
import type { PageSettings } from './page-settings.ts';
import { serveDashboard } from './serve-dashboard.ts';

const page = (name: string, api = '') =>
  `<!doctype html><title>${name}</title><meta name="quartet-name" content="${name}"><meta name="quartet-api" content="${api}">`;
const PAGE = page('Shop');
const SCRIPT = 'console.log("a script of the dashboard that is long enough");'.repeat(20);
const BROWSER = 'text/html,application/xhtml+xml,*/*;q=0.8';

async function builtDashboard(): Promise<string> {
  const folder = await tempFolder();
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), page('Quartet'));
  await writeFile(join(folder, 'sources.hash'), 'secret');
  await writeFile(join(folder, 'assets/main-abc.js'), SCRIPT);
  await writeFile(join(folder, 'assets/main-abc.js.br'), brotliCompressSync(SCRIPT));
  await writeFile(join(folder, 'assets/main-abc.js.gz'), gzipSync(SCRIPT));
  return folder;
}

async function serve(folder: string, settings: PageSettings = { projectName: 'Shop' }) {
  const logged: string[] = [];
  const log = createLog('test', 'info', { write: (line) => void logged.push(line) });
  const server = await listen(
    createApp({ log, handlers: [['/', serveDashboard(folder, settings)]] }),
    '127.0.0.1',
    0,
  );
  onTestFinished(() => server.drain());
  const url = `http://127.0.0.1:${server.port}`;
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(url + path, { method, headers });
  return { url, ask, logged };
}

test('given the root or a deep link, then a browser gets the page, which no cache keeps and which loads nothing from elsewhere', async () => {
  const { ask } = await serve(await builtDashboard());
  for (const path of ['/', '/?token=x', '/items', '/reset-password?token=x', '/administration/users/']) {
    const answer = await ask(path, { accept: BROWSER });
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, PAGE]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self'; style-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toContain('unsafe');
    const head = await ask(path, { accept: BROWSER }, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(PAGE.length)]);
  }
  expect((await ask('/', { accept: '*/*' })).status).toBe(200);
});

test('given an API at another origin and a name with signs, then the page says them, and its policy allows that origin alone', async () => {
  const settings = { projectName: 'A "B" & <C> $&', apiUrl: 'https://api.example.com/quartet' };
  const { ask } = await serve(await builtDashboard(), settings);
  const answer = await ask('/', { accept: BROWSER });
  expect(await answer.text()).toBe(page('A &#34;B&#34; &#38; &#60;C&#62; $&#38;', settings.apiUrl));
  const policy = answer.headers.get('content-security-policy');
  expect(policy).toContain('connect-src https://api.example.com;');
});

test('given a path of something else, or a caller that asks for no page, then there is nothing', async () => {
  const { ask, url } = await serve(await builtDashboard());
  for (const path of [
    ...['/api', '/api/v1/nothing', '/docs/x', '/redoc/x', '/assets', '/assets/x', '/assets/x.js'],
    ...['/sources.hash', '/index.html', '/favicon.ico', '/.env', '/items/x.png', '/assets/main-abc.js.br'],
  ]) {
    expect([path, (await ask(path, { accept: BROWSER })).status]).toEqual([path, 404]);
  }
  expect((await ask('/items')).status).toBe(404);
  expect((await ask('/items', { accept: BROWSER }, 'POST')).status).toBe(404);
  for (const path of ['/assets/../sources.hash', '/assets/..%2fsources.hash', '/../../etc/passwd']) {
    const answer = await exchangeRaw(url, lines(`GET ${path} HTTP/1.1`, 'Host: a', 'Connection: close'));
    expect([path, answer]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 404 /)]);
  }
});

test.each([
  ['br, gzip', 'br', brotliCompressSync(SCRIPT).length],
  ['gzip', 'gzip', gzipSync(SCRIPT).length],
  ['identity', null, SCRIPT.length],
])(
  'given a caller who takes %s, then a file is sent as the build has written it, for ever',
  async (accepted, encoding, length) => {
    const { ask } = await serve(await builtDashboard());
    const answer = await ask('/assets/main-abc.js', { 'accept-encoding': accepted });
    expect(await answer.text()).toBe(SCRIPT);
    expect(answer.headers.get('content-encoding')).toBe(encoding);
    expect(answer.headers.get('content-length')).toBe(String(length));
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  },
);

test('given another method, then it is refused', async () => {
  const { ask } = await serve(await builtDashboard());
  for (const path of ['/', '/assets/main-abc.js']) {
    const answer = await ask(path, {}, 'POST');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  }
});

test('given a link with a token, then the log has no token', async () => {
  const { ask, logged } = await serve(await builtDashboard());
  await ask('/reset-password?token=a.secret.token', { accept: BROWSER });
  await expect.poll(() => logged.join('')).toContain('dashboard-page');
  expect(logged.join('')).not.toContain('secret');
});

test('given no build, then the page says so, and only the page', async () => {
  const { ask } = await serve(await tempFolder());
  const answer = await ask('/login', { accept: BROWSER });
  expect([answer.status, await answer.text()]).toEqual([
    503,
    expect.stringContaining('npm run dashboard:build'),
  ]);
  expect((await ask('/assets/main-abc.js')).status).toBe(404);
});
