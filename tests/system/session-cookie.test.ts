import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasNoBrowser, launchBrowser } from '../support/browser.ts';
import { type Client, createClient } from '../support/client.ts';
import { listSessions } from '../support/sessions.ts';
import { type Stack, startStack } from './stack.ts';

const email = 'grace@example.com';
const password = 'a long one';
/** Browsers treat names below localhost as this machine, and those below one name as one site. */
const SITE = 'app.localhost';
const SUB_DOMAIN = 'evil.app.localhost';
const OTHER_SITE = 'evil.example';

/** A form needs no preflight. */
const formTo = (base: string) => `<form method="POST" action="${base}/sessions/refresh"></form>`;

describe.skipIf(hasNoBrowser)('the refresh token of a browser', () => {
  let stack: Stack;
  let browser: Browser;
  let context: BrowserContext;
  let pages: Server;
  let api: Client;
  let pagePort: number;
  let base: string;

  beforeAll(async () => {
    pages = createServer(
      (_req, res) => void res.setHeader('Content-Type', 'text/html').end('<title>page</title>'),
    );
    pages.listen(0, '127.0.0.1');
    await once(pages, 'listening');
    const address = pages.address();
    pagePort = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const names = [SITE, SUB_DOMAIN, OTHER_SITE].map((name) => `MAP ${name} 127.0.0.1`).join(',');
    [stack, browser] = await Promise.all([
      startStack([], { BACKEND_CORS_ORIGINS: `http://${SITE}:${pagePort}` }),
      launchBrowser([`--host-resolver-rules=${names}`]),
    ]);
    api = createClient(stack.api);
    await api('POST', '/users/signup', { body: { email, password } });
    base = `http://${SITE}:${new URL(stack.api).port}/api/v1`;
    context = await browser.newContext();
  });
  afterAll(async () => {
    pages.close();
    await Promise.all([browser?.close(), stack?.stop()]);
  });

  async function pageAt(host: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://${host}:${pagePort}/`);
    return page;
  }

  type Seen = { status: number; token?: string; error?: string };

  /** A page of the frontend, or an attacker's, sends a request with the browser's cookies. */
  const send = (page: Page, path: string, body?: unknown, method = 'POST', token = '') =>
    page.evaluate(
      async ([url, how, sent, bearer]): Promise<Seen> => {
        try {
          const answer = await fetch(url, {
            method: how,
            credentials: 'include',
            ...(sent === undefined ? {} : { body: sent }),
            headers: {
              ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
              ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
            },
          });
          const { access_token } = (await answer.json()) as { access_token?: string };
          return { status: answer.status, ...(access_token ? { token: access_token } : {}) };
        } catch (err) {
          return { status: 0, error: String(err) };
        }
      },
      [base + path, method, body === undefined ? undefined : JSON.stringify(body), token] as const,
    );

  const refusedRefreshes = async (): Promise<number> => {
    const lines = (await readFile(join(stack.dataDir, 'logs', 'gateway.log'), 'utf8')).split('\n');
    return lines.filter((line) => line.includes('"/sessions/refresh"') && line.includes('"status":403'))
      .length;
  };

  const stored = async () => (await context.cookies(`${base}/sessions/refresh`)).map(({ value }) => value);

  test('given a login on the frontend’s page, then no script sees the cookie, it goes to no other path, and it refreshes', async () => {
    const page = await pageAt(SITE);
    const login = await send(page, '/sessions/', { username: email, password });
    expect(login).toMatchObject({ status: 200, token: expect.any(String) });
    expect(await page.evaluate('document.cookie')).toBe('');
    const [cookie] = await context.cookies(`${base}/sessions/refresh`);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/api/v1/sessions' });
    expect(await context.cookies(`${base}/users/me`)).toEqual([]);
    const refreshed = await send(page, '/sessions/refresh');
    expect(refreshed.status).toBe(200);
    expect(await stored()).not.toEqual([cookie?.value]);
    expect(await listSessions(api, refreshed.token ?? '')).toHaveLength(1);
  });

  test.each([
    ['another site', OTHER_SITE],
    ['a sub-domain of the frontend', SUB_DOMAIN],
  ])('given a page of %s, then it can neither refresh nor read nor end anything', async (_what, host) => {
    const before = await stored();
    expect(before).toHaveLength(1);
    const evil = await pageAt(host);
    // The browser shows the page no answer, and the cookie stays as it was.
    expect(await send(evil, '/sessions/refresh')).toMatchObject({ status: 0 });
    expect(await send(evil, '/sessions/', undefined, 'DELETE')).toMatchObject({ status: 0 });
    const form = evil.waitForResponse(`${base}/sessions/refresh`);
    await evil.evaluate(
      `document.body.innerHTML = ${JSON.stringify(formTo(base))}; document.forms[0].submit()`,
    );
    expect((await form).status()).toBe(403);
    expect(await stored()).toEqual(before);
    const page = await pageAt(SITE);
    expect((await send(page, '/sessions/refresh')).status).toBe(200);
  });

  test('given a sandboxed frame, whose origin is null, then it cannot refresh', async () => {
    const page = await pageAt(SITE);
    const before = await stored();
    const refusedBefore = await refusedRefreshes();
    const inner = `${formTo(base)}<script>document.forms[0].submit()</script>`;
    const outer = `<iframe sandbox="allow-scripts allow-forms" srcdoc="${inner.replaceAll('"', '&quot;')}"></iframe>`;
    await page.evaluate(`document.body.innerHTML = ${JSON.stringify(outer)}`);
    // The browser shows no answer in a frame, so only the gateway knows it.
    await expect.poll(refusedRefreshes, { timeout: 10_000 }).toBe(refusedBefore + 1);
    expect(await stored()).toEqual(before);
  });

  test('given a logout, then the browser has no cookie, and cannot refresh', async () => {
    const page = await pageAt(SITE);
    const { token = '' } = await send(page, '/sessions/refresh');
    expect(await send(page, '/logout', undefined, 'POST', token)).toMatchObject({ status: 200 });
    expect(await stored()).toEqual([]);
    expect(await send(page, '/sessions/refresh')).toMatchObject({ status: 401 });
  });
});
