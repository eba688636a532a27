import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { hasNoBrowser, launchBrowser } from '../support/browser.ts';
import { ADMIN, createClient } from '../support/client.ts';
import { type Stack, startStack } from './stack.ts';

const apiDocument = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ summary: z.string() }))),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

describe.skipIf(hasNoBrowser)('in a browser', () => {
  let stack: Stack;
  let browser: Browser;
  let origin: string;
  let api: z.output<typeof apiDocument>;
  const problems = new Map<Page, string[]>();

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    origin = new URL(stack.api).origin;
    api = apiDocument.parse((await createClient(stack.api)('GET', '/openapi.json')).body);
  });
  afterAll(() => Promise.all([browser?.close(), stack?.stop()]));
  afterEach(async () => {
    const found = [...problems.values()].flat();
    await Promise.all([...problems.keys()].map((page) => page.context().close()));
    problems.clear();
    expect(found).toEqual([]);
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    problems.set(page, await watch(page, origin));
    await page.goto(origin + path);
    return page;
  }

  async function logIn(page: Page, password: string): Promise<void> {
    await page.getByRole('button', { name: 'Authorize', exact: true }).first().click();
    await page.getByLabel('username:').fill(ADMIN.email);
    await page.getByLabel('password:').fill(password);
    await page.getByLabel('password:').press('Enter');
  }

  const operations = () => Object.values(api.paths).flatMap((path) => Object.values(path));

  test('Swagger UI shows every operation, logs in and calls one', async () => {
    const page = await open('/docs');
    const shown = page.locator('.opblock-summary-description');
    await shown.first().waitFor();
    expect((await shown.allInnerTexts()).toSorted()).toEqual(
      operations()
        .map(({ summary }) => summary)
        .toSorted(),
    );

    await logIn(page, ADMIN.password);
    await page.getByRole('button', { name: 'Remove authorization' }).waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();

    const own = page.locator('#operations-users-users-read_user_me');
    await own.locator('.opblock-summary-control').click();
    await own.getByRole('button', { name: 'Try it out' }).click();
    await own.getByRole('button', { name: 'Execute' }).click();
    const answer = own.locator('.live-responses-table .response');
    await answer.waitFor();
    expect(await answer.locator('.response-col_status').innerText()).toContain('200');
    expect(await answer.innerText()).toContain(ADMIN.email);
    expect(await answer.innerText()).toMatch(/x-request-id: [\w-]+/);

    await page.goto(`${origin}/docs`);
    await page.locator('.authorize.locked').waitFor();
    const stored = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
    expect(stored).toContain(ADMIN.email);
    expect(stored).not.toContain(ADMIN.password);
  });

  test('Swagger UI shows why a login is refused', async () => {
    const page = await open('/docs');
    await logIn(page, 'a wrong password');
    await page.locator('.modal-ux', { hasText: 'Incorrect email or password' }).waitFor();
    const found = () => problems.get(page)?.toSorted();
    await expect
      .poll(found)
      .toEqual([
        `400: ${stack.api}/login/access-token`,
        expect.stringContaining('the server responded with a status of 400'),
      ]);
    problems.set(page, []);
  });

  test('Redoc shows every operation and every schema, and finds one', async () => {
    const page = await open('/redoc');
    await page.getByRole('menuitem', { name: 'Schemas' }).first().waitFor();
    const headings = async () => (await page.locator('h2').allInnerTexts()).map((text) => text.trim());
    const names = [...operations().map(({ summary }) => summary), ...Object.keys(api.components.schemas)];
    await expect.poll(headings).toEqual(expect.arrayContaining(names));

    await page.getByPlaceholder('Search...').fill('recovery link');
    await page
      .locator('[data-role="search:results"]', { hasText: 'Send a password recovery link' })
      .waitFor();
  });

  test('the events page shows the consumers of each event that the services registered', async () => {
    const page = await open('/docs/events');
    const deleted = page.locator('article[id="user.deleted"]');
    await expect.poll(() => deleted.innerText()).toMatch(/items[\s\S]*notifier/);
    await page.getByRole('link', { name: 'password.changed' }).first().click();
    expect(new URL(page.url()).hash).toBe('#password.changed');
  });

  test.each([
    ['/docs', '.opblock', '[onerror], iframe'],
    ['/redoc', 'h2', '[onerror], iframe'],
  ])('%s shows HTML in a description as text, or not at all', async (path, content, element) => {
    const page = await open('/openapi.json');
    const evil = `<img src="x" onerror="alert(1)"><iframe srcdoc="x"></iframe><meta http-equiv="refresh" content="0;url=/redoc?evil">`;
    await page.route('**/api/v1/openapi.json', async (route) => {
      const answer = await route.fetch();
      const document = z.looseObject({ info: z.looseObject({}) }).parse(await answer.json());
      await route.fulfill({ json: { ...document, info: { ...document.info, description: evil } } });
    });
    await page.goto(origin + path);
    await page.locator(content).first().waitFor();
    expect(await page.locator(element).count()).toBe(0);
    expect(await page.locator('meta[http-equiv="refresh"]').count()).toBe(0);
    expect(page.url()).toBe(origin + path);
    problems.set(page, []);
  });

  test.each([
    ['/docs', '.opblock'],
    ['/docs/events', 'h2'],
    ['/redoc', 'h2'],
  ])('%s fits a small screen in dark mode', async (path, content) => {
    const page = await open(path, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await page.locator(content).first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});

/** Collects errors, policy violations, failed requests and requests to foreign origins. */
async function watch(page: Page, origin: string): Promise<string[]> {
  const problems: string[] = [];
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) => {
    console.error('against the policy:', event.violatedDirective, event.blockedURI);
  });`);
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (err) => problems.push(String(err)));
  page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`elsewhere: ${request.url()}`);
  });
  return problems;
}
