import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ADMIN } from '../../tests/support/client.ts';
import { ADA } from './sample-data.ts';

const VIEWPORT = { width: 1280, height: 800 };
const THEMES = ['light', 'dark'] as const;

type Wanted = {
  name: string;
  path: string;
  /** A picture is taken when it is there. */
  shows: (page: Page) => Promise<unknown>;
};

const text = (wanted: string) => (page: Page) => page.getByText(wanted).first().waitFor();

const SIGNED_OUT: Wanted[] = [
  { name: 'log-in', path: '/login', shows: (page) => page.getByLabel('Password', { exact: true }).waitFor() },
];
const OF_A_PERSON: Wanted[] = [
  { name: 'items', path: '/items', shows: text('Journey to Turin') },
  { name: 'me', path: '/me', shows: text('Firefox on Linux') },
];
const OF_THE_SUPERUSER: Wanted[] = [
  { name: 'users', path: '/administration/users', shows: text('grace@example.com') },
  { name: 'dead-letters', path: '/administration/dead-letters', shows: text('user.deleted') },
];
/** Its charts show what has happened while it was open, so its picture is the last. */
const OVERVIEW: Wanted = { name: 'overview', path: '/administration', shows: text('Dead letters') };
const SAMPLES = 8;

export type Pictures = {
  /** Returns the names of the files. */
  take(): Promise<string[]>;
};

/** Opens the overview at once: what happens until `take` is in its charts. */
export async function openPictures(browser: Browser, origin: string, folder: string): Promise<Pictures> {
  await mkdir(folder, { recursive: true });
  const open = async (as?: { email: string; password: string }) => {
    const page = await browser.newPage({ viewport: VIEWPORT, deviceScaleFactor: 1, reducedMotion: 'reduce' });
    await page.goto(`${origin}/login`);
    if (as) await logIn(page, as);
    return page;
  };
  const superuser = await open(ADMIN);
  let samples = 0;
  superuser.on('response', (response) => {
    if (/\/status\/$/.test(response.url()) && response.ok()) samples += 1;
  });
  await superuser.goto(origin + OVERVIEW.path);

  const save = async (page: Page, { name, shows }: Wanted): Promise<string[]> => {
    await shows(page);
    const files: string[] = [];
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      const file = `${name}-${theme}.png`;
      await page.screenshot({ path: join(folder, file), animations: 'disabled' });
      files.push(file);
    }
    return files;
  };
  const saveAll = async (page: Page, wanted: Wanted[]): Promise<string[]> => {
    const files: string[] = [];
    for (const each of wanted) {
      await page.goto(origin + each.path);
      files.push(...(await save(page, each)));
    }
    return files;
  };
  return {
    async take() {
      const files = [
        ...(await saveAll(await open(), SIGNED_OUT)),
        ...(await saveAll(await open(ADA), OF_A_PERSON)),
      ];
      while (samples < SAMPLES) await superuser.waitForResponse(/\/status\/$/);
      files.push(...(await save(superuser, OVERVIEW)), ...(await saveAll(superuser, OF_THE_SUPERUSER)));
      return files;
    },
  };
}

async function logIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}
