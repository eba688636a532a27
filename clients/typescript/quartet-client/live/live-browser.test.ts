import type { LiveState, QuartetClient } from '@quartet/client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { hasNoBrowser, launchBrowser } from '../../../../tests/support/browser.ts';
import { fixture } from '../../../../tests/support/fixtures.ts';
import { startKillableGateway } from '../../../../tests/support/killable-gateway.ts';
import { publishItem, publishItems } from '../../../../tests/support/live-events.ts';
import { servedAt } from '../../../../tests/support/served-client.ts';
import { addressesOf, runAuth, runItems, runNotifier } from '../../../../tests/support/services.ts';
import { startThirdParty } from '../../../../tests/support/third-party.ts';

type Tab = {
  client: QuartetClient;
  seen: string[];
  states: LiveState['state'][];
  ended: boolean;
};

describe.skipIf(hasNoBrowser)('in a browser', async () => {
  const { bed, auth, gateway, frontend } = await fixture(async (bed) => {
    const { url: frontend } = await startThirdParty(bed, async (req, res) => {
      const { contentType, body } = await servedAt(req.url ?? '');
      res.setHeader('content-type', contentType).end(body);
    });
    const env = { BACKEND_CORS_ORIGINS: frontend };
    const auth = await runAuth(bed, env);
    const [items, notifier] = await Promise.all([runItems(bed, auth), runNotifier(bed, auth)]);
    const addresses = addressesOf({ auth, items, notifier });
    return { auth, frontend, gateway: await startKillableGateway(bed, { ...env, ...addresses }) };
  });
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** A page of another origin, whose user reads. */
  async function openReader(email: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`${frontend}/test-page/`);
    await page.evaluate(
      async ([baseUrl, username, password]) => {
        const client = testTab.quartet.createQuartetClient({ baseUrl });
        await client.logIn(username, password);
        const tab: Tab = { client, seen: [], states: [], ended: false };
        Object.assign(globalThis, { liveTab: tab });
        void client
          .live({
            onEvent: ({ subject }) => tab.seen.push(subject),
            onState: ({ state }) => tab.states.push(state),
          })
          .then(() => {
            tab.ended = true;
          });
      },
      [gateway.url, email, PASSWORD] as const,
    );
    await expect.poll(() => page.evaluate(() => liveTab.states)).toContain('open');
    return page;
  }
  const seenBy = (page: Page) => page.evaluate(() => liveTab.seen);

  test('given a gateway that is killed, when it is back, then the page has every event once', async () => {
    const { id, email } = await newMember(auth.client);
    const page = await openReader(email);
    const before = await publishItems(bed, id, 3);
    await expect.poll(() => seenBy(page)).toEqual(before);
    const over = new AbortController();
    const written = [...before];
    const writing = (async () => {
      while (!over.signal.aborted) written.push((await publishItem(bed, id)).itemId);
    })();
    await gateway.kill();
    const atLeast = written.length + 20;
    await gateway.start();
    await expect.poll(async () => (await seenBy(page)).length, { timeout: 20_000 }).toBeGreaterThan(atLeast);
    over.abort();
    await writing;
    await expect.poll(() => seenBy(page), { timeout: 20_000 }).toEqual(written);
    await page.close();
  }, 90_000);

  test('given a logout in the page, then the stream ends', async () => {
    const page = await openReader((await newMember(auth.client)).email);
    await page.evaluate(() => liveTab.client.logOut());
    await expect.poll(() => page.evaluate(() => liveTab.ended)).toBe(true);
    await page.close();
  });
});

declare global {
  var liveTab: Tab;
}
