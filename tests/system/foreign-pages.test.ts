import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { hasNoBrowser, launchBrowser } from '../support/browser.ts';
import { ADMIN, type Client, createClient, logIn } from '../support/client.ts';
import { waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

/** An attacker controls this page, and the address of its name. */
const EVIL = 'evil.example';
const email = 'grace@example.com';
const mailbox = z.object({ total: z.number() });

describe.skipIf(hasNoBrowser)('a page of a foreign origin', () => {
  let stack: Stack;
  let browser: Browser;
  let pages: Server;
  let evil: Page;
  let api: Client;

  beforeAll(async () => {
    pages = createServer(
      (_req, res) => void res.setHeader('Content-Type', 'text/html').end('<title>evil</title>'),
    );
    pages.listen(0, '127.0.0.1');
    await once(pages, 'listening');
    [stack, browser] = await Promise.all([
      startStack(),
      launchBrowser([`--host-resolver-rules=MAP ${EVIL} 127.0.0.1`]),
    ]);
    api = createClient(stack.api);
    await api('POST', '/users/signup', { body: { email, password: 'a long one' } });
    evil = await browser.newPage();
    const address = pages.address();
    await evil.goto(`http://${EVIL}:${typeof address === 'object' ? address?.port : ''}/`);
  });
  afterAll(async () => {
    pages.close();
    await Promise.all([browser?.close(), stack?.stop()]);
  });

  /** A browser sends these requests without a preflight; the page cannot see the answers. */
  const send = (url: string, sent: string) =>
    evil.evaluate(
      async ([to = '', text = '']) => {
        await fetch(to, { method: 'POST', mode: 'no-cors', body: new Blob([text]) }).catch(() => undefined);
      },
      [url, sent],
    );

  const portOf = (url: string) => Number(new URL(url).port);

  test('when it sends a sign-up, also directly to a service, then no user is created', async () => {
    const auth = `http://127.0.0.1:${portOf(stack.api) + 1}/api/v1`;
    for (const [base, name] of [
      [stack.api, 'a'],
      [auth, 'b'],
    ]) {
      const body = JSON.stringify({ email: `${name}@${EVIL}`, password: 'a long one' });
      const kept = evil.waitForEvent('requestfailed');
      await send(`${base}/users/signup`, body);
      expect((await kept).failure()?.errorText).toContain('ERR_BLOCKED_BY_RESPONSE');
    }
    const token = await logIn(api, ADMIN.email, ADMIN.password);
    const { text } = await api('GET', '/users/?limit=1000', { token });
    expect(text).toContain(email);
    expect(text).not.toContain(EVIL);
  });

  test('when its name resolves to this machine, then it reads no e-mail and no metrics', async () => {
    await waitForMail(stack.inbox, email, 'Welcome');
    const gateway = portOf(stack.api);
    for (const path of [
      `${portOf(stack.inbox)}/api/v1/messages`,
      `${portOf(stack.inbox)}/view/latest.txt`,
      `${gateway + 1_000}/metrics`,
      `${gateway + 1_001}/health/ready`,
    ]) {
      const page = await browser.newPage();
      const answer = await page.goto(`http://${EVIL}:${path}`);
      expect([path, answer?.status()]).toEqual([path, 403]);
      expect(await answer?.text()).not.toMatch(/example\.com|quartet_/);
      await page.close();
    }
  });

  test('when it empties the inbox, then the e-mails stay; the inbox’s own page may delete them', async () => {
    const count = async () =>
      mailbox.parse(await (await fetch(`${stack.inbox}/api/v1/messages`)).json()).total;
    for (const headers of [{}, { 'X-Requested-With': 'evil' }]) {
      const failure = await evil.evaluate(
        ([url, more]) =>
          fetch(`${url}/api/v1/messages`, { method: 'DELETE', headers: more }).then(
            () => 'answered',
            (err: Error) => err.message,
          ),
        [stack.inbox, headers] as const,
      );
      expect(failure).toBe('Failed to fetch');
    }
    expect(await count()).toBe(1);
    const inbox = await browser.newPage();
    inbox.on('dialog', (dialog) => void dialog.accept());
    await inbox.goto(stack.inbox);
    await inbox.getByRole('button', { name: /delete all/i }).click();
    await expect.poll(count).toBe(0);
  });
});
