import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLog } from '@quartet/common/process/logging.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { loadConfig } from '../../services/gateway/src/config.ts';
import { loadConfig as loadServerConfig } from '../../services/gateway/src/dashboard/server/config.ts';
import { startDashboard } from '../../services/gateway/src/dashboard/server/service.ts';
import { startGateway } from '../../services/gateway/src/service.ts';
import { freePort } from '../../tools/engines/free-port.ts';
import { planPorts } from '../../tools/stack/ports.ts';
import { hasNoBrowser, launchBrowser } from '../support/browser.ts';
import { ADMIN, createClient, logIn } from '../support/client.ts';
import { type Dashboard, logInAs, logOutOf, NO_ANSWER, watchDashboard } from '../support/dashboard.ts';
import { tokenIn, waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

/** Long enough for a person to notice that a process is away. */
const RESTART_MS = 3_000;
/** By then it would have told of an outage anyway. */
const NEXT_HEARTBEAT_AFTER_MS = 8_000;
const NAME = 'Shop & Co';
/** Names below it are one site to a browser, and this machine. */
const SITE = 'shop.localhost';

describe.skipIf(hasNoBrowser)('the dashboard and its processes', () => {
  let stack: Stack;
  let browser: Browser;
  let dashboard: Dashboard;
  let elsewherePort: number;
  const elsewhere = () => `http://dashboard.${SITE}:${elsewherePort}`;
  const secrets = new Set<string>();

  beforeAll(async () => {
    elsewherePort = await freePort();
    const settings = { BACKEND_CORS_ORIGINS: elsewhere(), PROJECT_NAME: NAME };
    [stack, browser] = await Promise.all([
      startStack(['--restart', String(RESTART_MS)], settings),
      launchBrowser(),
    ]);
    dashboard = watchDashboard(browser, new URL(stack.api).origin);
  });
  afterAll(() => Promise.all([browser?.close(), stack?.stop()]));
  afterEach(() => dashboard.check());

  const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });
  const row = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title });

  async function openAsAdmin(path = '/items'): Promise<Page> {
    const page = await dashboard.open(path);
    page.on('request', (request) => {
      const token = request.headers().authorization?.replace('Bearer ', '');
      if (token !== undefined) secrets.add(token);
    });
    await logInAs(page, ADMIN);
    for (const { value } of await page.context().cookies()) secrets.add(value);
    return page;
  }

  async function createItem(title: string): Promise<void> {
    const client = createClient(stack.api);
    const token = await logIn(client, ADMIN.email, ADMIN.password);
    expect((await client('POST', '/items/', { token, body: { title } })).status).toBe(200);
  }

  test('given items is killed while its page is open, then the page says so, and goes on by itself', async () => {
    await createItem('Found again');
    const page = await openAsAdmin();
    dashboard.allow(page, 503);
    await row(page, 'Found again').waitFor();
    await page.evaluate('globalThis.isSamePage = true');
    await kill('items');
    await page.getByLabel('Search the items').fill('found');
    await page.getByText('A part of the API is away.').waitFor();
    await page.getByText('A part of the API is away.').waitFor({ state: 'detached' });
    await row(page, 'Found again').waitFor();
    expect(await page.evaluate('isSamePage')).toBe(true);
  });

  test('given the gateway is killed while a page is open, then the page says so, goes on by itself, and sees what others do', async () => {
    const page = await openAsAdmin();
    dashboard.allow(page, 503, NO_ANSWER);
    const connections = [/\/live$/, /\/health-check\/$/].map((path) => page.waitForResponse(path));
    await page.reload();
    await Promise.all(connections);
    await page.evaluate('globalThis.isSamePage = true');
    await kill('gateway');
    await page.getByText('The API does not answer.').waitFor({ timeout: NEXT_HEARTBEAT_AFTER_MS });
    await page.getByText('The API does not answer.').waitFor({ state: 'detached', timeout: 30_000 });
    await createItem('After the outage');
    await page.getByRole('button', { name: '1 new item' }).click();
    await row(page, 'After the outage').waitFor();
    expect(await page.evaluate('isSamePage')).toBe(true);
  });

  test('given a link of an e-mail and all sessions so far, then no log of a process has one of their tokens', async () => {
    const client = createClient(stack.api);
    const page = await openAsAdmin();
    await client('POST', `/password-recovery/${ADMIN.email}`);
    const link = tokenIn(await waitForMail(stack.inbox, ADMIN.email, 'Password recovery'));
    await page.goto(`${dashboard.origin}/reset-password?token=${link}`);
    await heading(page, 'Set your password').waitFor();
    expect(page.url()).toBe(`${dashboard.origin}/reset-password`);
    secrets.add(link);

    expect(secrets.size).toBeGreaterThan(5);
    const folder = join(stack.dataDir, 'logs');
    const readLogs = async () => {
      const names = await readdir(folder);
      return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
    };
    await expect.poll(readLogs).toContain('dashboard-page');
    const logs = await readLogs();
    expect([...secrets].filter((secret) => logs.includes(secret))).toEqual([]);
    expect(logs).not.toMatch(/eyJ[\w-]{20}/);
  });

  test('given DASHBOARD=off, then a gateway answers as it did before there was one', async () => {
    const ports = planPorts(Number(new URL(stack.api).port), 1);
    const urlOf = ({ port }: { port: number }) => `http://127.0.0.1:${port}`;
    const config = loadConfig({
      ...{ NATS_URL: stack.broker ?? process.env.NATS_URL, NATS_NAMESPACE: stack.id },
      ...{ HOST: '127.0.0.1', PORT: '0', PRIVATE_PORT: '0', DASHBOARD: 'off' },
      ...{ AUTH_URL: urlOf(ports.auth), NOTIFIER_URL: urlOf(ports.notifier) },
      ITEMS_URL: ports.items.map(urlOf).join(','),
    });
    const gateway = await startGateway(config, createLog('gateway', 'silent'));
    onTestFinished(() => gateway.stop());
    const ask = (path: string) => fetch(urlOf(gateway) + path, { headers: { accept: 'text/html' } });
    for (const path of ['/', '/items', '/assets/main.js']) {
      const answer = await ask(path);
      expect([path, answer.status, await answer.json()]).toEqual([path, 404, { detail: 'Not Found' }]);
    }
    expect((await ask('/docs')).status).toBe(200);
    expect(await logIn(createClient(`${urlOf(gateway)}/api/v1`), ADMIN.email, ADMIN.password)).toMatch(
      /^eyJ/,
    );
  });

  test('given the dashboard at an origin of its own, then it uses the API at another one of its site, with a session that survives a reload', async () => {
    const apiUrl = `http://api.${SITE}:${new URL(stack.api).port}`;
    const config = loadServerConfig({
      ...{ HOST: '127.0.0.1', PORT: String(elsewherePort), PRIVATE_PORT: '0' },
      ...{ PROJECT_NAME: NAME, API_URL: apiUrl },
    });
    const server = await startDashboard(config, createLog('dashboard', 'silent'));
    onTestFinished(() => server.stop());
    const pages = watchDashboard(browser, elsewhere(), apiUrl);
    const page = await pages.open('/items');
    await logInAs(page, ADMIN);
    await heading(page, 'Items').waitFor();
    expect(await page.title()).toBe(`Items - ${NAME}`);
    await page.getByRole('link', { name: NAME }).waitFor();
    await page.reload();
    await heading(page, 'Items').waitFor();
    // What others do comes over a connection that stays open.
    const connected = page.waitForResponse(`${apiUrl}/api/v1/live`);
    await page.reload();
    expect((await connected).status()).toBe(200);
    await createItem('From elsewhere');
    await page.getByRole('button', { name: '1 new item' }).click();
    await row(page, 'From elsewhere').waitFor();
    await logOutOf(page);
    await pages.check();
  });

  /** The launcher starts it again. */
  async function kill(name: string): Promise<void> {
    const state = z
      .object({ children: z.array(z.object({ name: z.string(), pid: z.number() })) })
      .parse(JSON.parse(await readFile(join(stack.dataDir, 'stack.json'), 'utf8')));
    const pid = state.children.find((child) => child.name === name)?.pid;
    if (pid === undefined) throw new Error(`no process ${name}`);
    process.kill(pid, 'SIGKILL');
  }
});
