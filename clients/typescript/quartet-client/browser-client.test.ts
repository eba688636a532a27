import type { QuartetClient, SignedOut } from '@quartet/client';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newMember, PASSWORD } from '../../../tests/support/accounts.ts';
import { hasNoBrowser, launchBrowser } from '../../../tests/support/browser.ts';
import { fixture } from '../../../tests/support/fixtures.ts';
import { servedAt } from '../../../tests/support/served-client.ts';
import { addressesOf, runAuth, runGateway, runItems } from '../../../tests/support/services.ts';
import { logInOffline } from '../../../tests/support/sessions.ts';
import { nobodyAt, startThirdParty } from '../../../tests/support/third-party.ts';

const MINUTE_MS = 60_000;

type TestTab = {
  quartet: typeof import('@quartet/client');
  client: QuartetClient;
  signedOut: SignedOut[];
  aheadMs: number;
};

describe.skipIf(hasNoBrowser)('in a browser', async () => {
  const { auth, gateway, frontend } = await fixture(async (bed) => {
    const { url: frontend } = await startThirdParty(bed, async (req, res) => {
      const { contentType, body } = await servedAt(req.url ?? '');
      res.setHeader('content-type', contentType).end(body);
    });
    const env = { BACKEND_CORS_ORIGINS: frontend, TRUSTED_PROXIES: '127.0.0.1' };
    const auth = await runAuth(bed, env);
    const items = await runItems(bed, auth);
    const NOTIFIER_URL = await nobodyAt();
    const urls = { ...addressesOf({ auth, items }), NOTIFIER_URL };
    return { auth, frontend, gateway: await runGateway(bed, { ...env, ...urls }, ['/emails']) };
  });
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** A browser with nothing in it; `tab` opens a page that has the client. */
  async function newBrowser(origin = gateway.url) {
    const context = await browser.newContext();
    await context.route(`${gateway.url}/test-page/**`, async (route) =>
      route.fulfill(await servedAt(new URL(route.request().url()).pathname)),
    );
    const refreshes: number[] = [];
    context.on('response', (response) => {
      if (response.url().endsWith('/sessions/refresh')) refreshes.push(response.status());
    });
    const baseUrl = origin === gateway.url ? '' : gateway.url;
    const tab = () => openTab(context, origin, baseUrl);
    return { context, refreshes, tab, [Symbol.asyncDispose]: () => context.close() };
  }

  const newUser = () => newMember(auth.client);

  test('given a login, then no script finds the refresh token, and no storage or address has a token', async () => {
    const { email } = await newUser();
    await using one = await newBrowser();
    const urls: string[] = [];
    one.context.on('request', (request) => void urls.push(request.url()));
    const page = await one.tab();
    await logIn(page, email);
    expect(await whoAmI(page)).toBe(email);

    const seen = await page.evaluate(
      'document.cookie + JSON.stringify([{ ...localStorage }, { ...sessionStorage }])',
    );
    expect(seen).toBe('[{},{}]');
    expect(await page.evaluate('indexedDB.databases()')).toEqual([]);
    const [cookie, ...others] = await one.context.cookies(`${gateway.url}/api/v1/sessions`);
    expect([cookie?.httpOnly, cookie?.sameSite, others.length]).toEqual([true, 'Strict', 0]);
    expect(urls.join('\n')).not.toMatch(/eyJ|token=/);
    expect(urls.join('\n')).not.toContain(cookie?.value ?? expect.fail());
  });

  test('given a page that is loaded again, then the session goes on without a password', async () => {
    const { email } = await newUser();
    await using one = await newBrowser();
    const page = await one.tab();
    expect(await page.evaluate(() => testTab.client.resume())).toBe(false);
    await logIn(page, email);
    const again = await one.tab();
    expect(await whoAmI(again)).toBe(email);
    expect(one.refreshes).toEqual([401, 200]);
  });

  test('given an hour of expiries in two tabs, when both refresh at the same moment, then nobody is thrown out', async () => {
    const { email } = await newUser();
    await using one = await newBrowser();
    const tabs = [await one.tab(), await one.tab()];
    for (const page of tabs) await page.evaluate(() => testTab.client.resume());
    await logIn(tabs[0] ?? expect.fail(), email);
    for (let n = 1; n <= 6; n += 1) {
      await Promise.all(tabs.map((page) => moveClock(page, n * 16 * MINUTE_MS)));
      expect(await Promise.all(tabs.map(whoAmI))).toEqual([email, email]);
    }
    for (const page of tabs) expect(await signedOutOf(page)).toEqual([]);
    const good = one.refreshes.filter((status) => status === 200).length;
    expect(good).toBeGreaterThanOrEqual(6);
    expect(good).toBeLessThanOrEqual(12);
    const { access_token: token } = await logInOffline(gateway.client, email);
    const { body } = await gateway.client('GET', '/sessions/', { token });
    // The sign-up's, the browser's and this one: no session was stolen or added.
    expect(body).toMatchObject({ count: 3 });
  });

  test('given a tab that refreshes, when another needs it too, then that one waits and uses what the first got', async () => {
    const { email } = await newUser();
    await using one = await newBrowser();
    const [first, second] = [await one.tab(), await one.tab()];
    await logIn(first, email);
    expect(await whoAmI(second)).toBe(email);
    const before = one.refreshes.length;
    for (const page of [first, second]) await moveClock(page, 16 * MINUTE_MS);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let held = 0;
    await one.context.route('**/sessions/refresh', async (route) => {
      held += 1;
      await released;
      await route.continue();
    });
    const callers = [whoAmI(first)];
    await expect.poll(() => held).toBe(1);
    callers.push(whoAmI(second));
    await expect.poll(() => waitingTabs(second)).toBe(1);
    release();
    expect(await Promise.all(callers)).toEqual([email, email]);
    expect([held, one.refreshes.slice(before)]).toEqual([1, [200]]);
  });

  test('given a refresh whose answer is lost, then it is asked for again', async () => {
    const { email } = await newUser();
    await using one = await newBrowser();
    const page = await one.tab();
    await logIn(page, email);
    await moveClock(page, 16 * MINUTE_MS);
    let lost = 0;
    await page.route('**/sessions/refresh', async (route) => {
      if (lost > 0) return route.continue();
      lost += 1;
      // It reaches the API; the browser gets neither the answer nor the cookie.
      const { cookie = '' } = await route.request().allHeaders();
      const answer = await fetch(route.request().url(), { method: 'POST', headers: { cookie } });
      expect(answer.status).toBe(200);
      return route.abort('connectionreset');
    });
    expect(await whoAmI(page)).toBe(email);
    expect([lost, await signedOutOf(page)]).toEqual([1, []]);
  });

  test('given a session that was ended elsewhere, then onSignedOut is called once', async () => {
    const { email } = await newUser();
    await using one = await newBrowser();
    const page = await one.tab();
    await logIn(page, email);
    const { access_token: token } = await logInOffline(gateway.client, email);
    await gateway.client('DELETE', '/sessions/', { token });
    for (let n = 0; n < 3; n += 1) expect(await whoAmI(page)).toMatch(/^40[13]$/);
    expect((await signedOutOf(page)).map(({ reason }) => reason)).toEqual(['ended']);
    expect(await one.context.cookies(`${gateway.url}/api/v1/sessions`)).toEqual([]);
  });

  test('given a logout in one tab, then the others are signed out, and the cookie is gone', async () => {
    const { email } = await newUser();
    await using one = await newBrowser();
    const [first, second] = [await one.tab(), await one.tab()];
    await logIn(first, email);
    expect(await whoAmI(second)).toBe(email);
    await first.evaluate(() => testTab.client.logOut());
    for (const page of [first, second]) {
      await expect.poll(() => signedOutOf(page)).toEqual([{ reason: 'logged-out' }]);
      expect(await whoAmI(page)).toBe('401');
    }
    expect(await one.context.cookies(`${gateway.url}/api/v1/sessions`)).toEqual([]);
  });

  test('given somebody else who logs in in another tab, then a tab does not go on as them', async () => {
    const [ada, bob] = [await newUser(), await newUser()];
    await using one = await newBrowser();
    const [first, second] = [await one.tab(), await one.tab()];
    await logIn(first, ada.email);
    await logIn(second, bob.email);
    await expect.poll(() => signedOutOf(first)).toEqual([{ reason: 'other-user' }]);
    expect(await whoAmI(first)).toBe('401');
    expect(await whoAmI(second)).toBe(bob.email);
  });

  test('given a page of another origin that BACKEND_CORS_ORIGINS allows, then it logs in, refreshes and logs out', async () => {
    const { email } = await newUser();
    await using one = await newBrowser(frontend);
    const page = await one.tab();
    await logIn(page, email);
    await moveClock(page, 16 * MINUTE_MS);
    expect(await whoAmI(page)).toBe(email);
    expect(one.refreshes).toEqual([200]);
    await page.evaluate(() => testTab.client.logOut());
    expect(await one.context.cookies(`${gateway.url}/api/v1/sessions`)).toEqual([]);
  });
});

async function openTab(context: BrowserContext, origin: string, baseUrl: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/test-page/`);
  await page.evaluate(async (api) => {
    const { quartet } = testTab;
    const signedOut: SignedOut[] = [];
    const client = quartet.createQuartetClient({
      ...(api === '' ? {} : { baseUrl: api }),
      onSignedOut: ({ reason }) => signedOut.push({ reason }),
      clock: {
        now: () => Date.now() + testTab.aheadMs,
        wait: (ms, signal) =>
          new Promise((resolve, reject) => {
            const timer = setTimeout(resolve, ms);
            signal.addEventListener('abort', () => {
              clearTimeout(timer);
              reject(signal.reason);
            });
          }),
      },
    });
    globalThis.testTab = { quartet, client, signedOut, aheadMs: 0 };
  }, baseUrl);
  return page;
}

const logIn = (page: Page, email: string): Promise<void> =>
  page.evaluate(([name, password]) => testTab.client.logIn(name, password), [email, PASSWORD] as const);

/** Returns the address of whom the API takes the tab for, or the status of its refusal. */
const whoAmI = (page: Page): Promise<string> =>
  page.evaluate(() =>
    testTab.client.call(testTab.quartet.UsersService.readUserMe).then(
      ({ email }) => email,
      ({ status }) => String(status),
    ),
  );

const waitingTabs = (page: Page): Promise<number> =>
  page.evaluate(async () => (await navigator.locks.query()).pending?.length ?? 0);

const signedOutOf = (page: Page): Promise<SignedOut[]> => page.evaluate(() => testTab.signedOut);

const moveClock = (page: Page, ms: number): Promise<void> =>
  page.evaluate((ahead) => {
    testTab.aheadMs = ahead;
  }, ms);

declare global {
  var testTab: TestTab;
}
