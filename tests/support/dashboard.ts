import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import * as z from 'zod';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const violations = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string() })) }),
);

export type Dashboard = {
  origin: string;
  /** A new person's browser; `path` is a page of the dashboard. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** These statuses are answers that the test wants, or that there is none: the browser calls each an error. */
  allow(page: Page, ...statuses: (number | typeof NO_ANSWER)[]): void;
  /** Closes all pages. @throws when one of them broke its policy, logged an error or asked another origin */
  check(): Promise<void>;
};

export const NO_ANSWER = 'no answer';

type Watched = { problems: string[]; allowed: Set<number | typeof NO_ANSWER> };

/** @param apiOrigin when the API is not where the pages come from */
export function watchDashboard(browser: Browser, origin: string, apiOrigin = origin): Dashboard {
  const pages = new Map<Page, Watched>();
  return {
    origin,
    async open(path = '/', options = {}) {
      const page = await (await browser.newContext(options)).newPage();
      pages.set(page, await watch(page, [origin, apiOrigin]));
      await page.goto(origin + path);
      return page;
    },
    allow(page, ...statuses) {
      for (const status of statuses) pages.get(page)?.allowed.add(status);
    },
    async check() {
      const found = [...pages.values()].flatMap(({ problems }) => problems);
      const stored = await Promise.all([...pages.keys()].map(storedSecrets));
      await Promise.all([...pages.keys()].map((page) => page.context().close()));
      pages.clear();
      expect(found).toEqual([]);
      expect(stored.flat()).toEqual([]);
    },
  };
}

/** Tokens are JWTs, or longer than all that the dashboard keeps. */
const storedSecrets = async (page: Page): Promise<string[]> =>
  z
    .array(z.string())
    .parse(
      await page.evaluate(
        '[...Object.values(localStorage), ...Object.values(sessionStorage), location.href, document.cookie]',
      ),
    )
    .filter((text) => /eyJ|token=|[\w-]{40,}/.test(text));

async function watch(page: Page, origins: readonly string[]): Promise<Watched> {
  const problems: string[] = [];
  const allowed: Watched['allowed'] = new Set();
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) => {
    console.error('against the policy:', event.violatedDirective, event.blockedURI);
  });`);
  page.on('console', (message) => {
    const text = message.text();
    const status = /^Failed to load resource: the server responded with a status of (\d+)/.exec(text)?.[1];
    if (status !== undefined && allowed.has(Number(status))) return;
    if (allowed.has(NO_ANSWER) && /^Failed to load resource: net::/.test(text)) return;
    if (message.type() === 'error') problems.push(`${text} (${message.location().url})`);
  });
  page.on('pageerror', (err) => problems.push(String(err)));
  page.on('request', (request) => {
    if (!origins.includes(new URL(request.url()).origin)) problems.push(`elsewhere: ${request.url()}`);
  });
  return { problems, allowed };
}

/** Fails with what axe-core finds against WCAG 2.2, level AA, and its own best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  // Its text is evaluated by the browser's debugger, which no policy of the page refuses.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(await readFile(AXE, 'utf8'));
  const found = violations.parse(await page.evaluate('axe.run().then(({ violations }) => violations)'));
  expect(
    found.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`)]),
  ).toEqual([]);
}

const VIEWS = [
  { width: 360, colorScheme: 'light' },
  { width: 1440, colorScheme: 'dark' },
] as const;

/** On a telephone and on a desk, light and dark: nothing is wider than the screen, and axe-core finds nothing. */
export async function expectFitsEverywhere(page: Page): Promise<void> {
  for (const { width, colorScheme } of VIEWS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await expectAccessible(page);
  }
}

export async function logInAs(
  page: Page,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

export async function logOutOf(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account: / }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
}
