import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../../../tests/support/client.ts';
import { startTestDocs, type TestDocs } from '../../../../tests/support/docs.ts';
import { exchangeRaw, lines } from '../../../../tests/support/raw-http.ts';

let docs: TestDocs;

beforeAll(async () => {
  docs = await startTestDocs();
});
afterAll(() => docs.stop());

/** The policy's sources by directive. */
function policyOf({ headers }: Answer): Record<string, string[]> {
  const parts = headers.get('content-security-policy')?.split('; ') ?? [];
  return Object.fromEntries(
    parts.map((part) => part.split(' ')).map(([name, ...sources]) => [name, sources]),
  );
}

describe.each([
  '/docs',
  '/docs/',
  '/docs/events',
  '/docs/events/',
  '/redoc',
  '/redoc/',
  '/docs?x=1',
  '/redoc/?x',
])('given %s', (path) => {
  test('then it is a page that no cache keeps', async () => {
    const { status, headers, text } = await docs.get(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-request-id')).toBeTruthy();
    expect(text).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(text).not.toContain('{{');
  });

  test('then HEAD has the same answer without the page', async () => {
    const [page, head] = [await docs.get(path), await docs.call('HEAD', path)];
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.get('content-length')).toBe(page.headers.get('content-length'));
    expect(head.headers.get('content-type')).toBe(page.headers.get('content-type'));
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('then %s is refused', async (method) => {
    const { status, headers, body } = await docs.call(method, path);
    expect([status, headers.get('allow'), body]).toEqual([
      405,
      'GET, HEAD',
      { detail: 'Method Not Allowed' },
    ]);
  });

  test('then a large body that is not read is no error', async () => {
    const answer = await exchangeRaw(
      docs.url,
      lines(`GET ${path} HTTP/1.1`, 'Host: a', 'Connection: close', 'Content-Length: 100001'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('the pages', () => {
  test('run and load nothing from another origin', async () => {
    const strict = {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'connect-src': ["'self'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    };
    for (const page of ['/docs', '/docs/events']) {
      expect(policyOf(await docs.get(page))).toEqual({ ...strict, 'style-src': ["'self'"] });
    }
    expect(policyOf(await docs.get('/redoc'))).toEqual({
      ...strict,
      'style-src': [
        "'self'",
        expect.stringMatching(/^'nonce-[\w+/]{22}=='$/),
        expect.stringMatching(/^'sha256-/),
        expect.stringMatching(/^'sha256-/),
      ],
      'worker-src': ['blob:'],
    });
  });

  test('have a new nonce each time, which Redoc uses', async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const page = await docs.get('/redoc');
        const nonce = policyOf(page)['style-src']?.find((source) => source.startsWith("'nonce-"));
        expect(page.text).toContain(`nonce="${nonce?.slice("'nonce-".length, -1)}"`);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  test.each(['/docs', '/redoc'])('%s names no other host and has no script or style within', async (path) => {
    const { text } = await docs.get(path);
    expect(text).not.toMatch(/\/\/\w/);
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/);
  });

  test('have the name of the project in their titles', async () => {
    expect((await docs.get('/docs')).text).toContain(
      '<title>A &#60;b&#62; &#38; &#34;c&#34; - Swagger UI</title>',
    );
    expect((await docs.get('/redoc')).text).toContain(
      '<title>A &#60;b&#62; &#38; &#34;c&#34; - Redoc</title>',
    );
  });
});
