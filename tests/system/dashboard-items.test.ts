import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasNoBrowser, launchBrowser } from '../support/browser.ts';
import { ADMIN, createClient, logIn } from '../support/client.ts';
import {
  type Dashboard,
  expectAccessible,
  expectFitsEverywhere,
  logInAs,
  logOutOf,
  watchDashboard,
} from '../support/dashboard.ts';
import { type Stack, startStack } from './stack.ts';

const PASSWORD = 'a long password';
const PAGE_SIZE = 20;

describe.skipIf(hasNoBrowser)('the dashboard’s items', () => {
  let stack: Stack;
  let browser: Browser;
  let dashboard: Dashboard;
  let api: ReturnType<typeof createClient>;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
    dashboard = watchDashboard(browser, new URL(stack.api).origin);
    api = createClient(stack.api);
  });
  afterAll(() => Promise.all([browser?.close(), stack?.stop()]));
  afterEach(() => dashboard.check());

  /** A new user with items, the last of them the newest. */
  async function userWith(name: string, titles: string[] = []) {
    const email = `${name}@example.com`;
    await api('POST', '/users/signup', { body: { email, password: PASSWORD } });
    const token = await logIn(api, email, PASSWORD);
    for (const title of titles) await api('POST', '/items/', { token, body: { title } });
    const titlesNow = async () => {
      const { body } = await api('GET', '/items/?limit=1000', { token });
      return (body as { data: { title: string }[] }).data.map(({ title }) => title);
    };
    return { email, password: PASSWORD, titlesNow };
  }

  async function open(user: { email: string; password: string }, path = '/items') {
    const page = await dashboard.open(path);
    await logInAs(page, user);
    return page;
  }

  const item = (page: Page, title: string) => page.getByRole('button', { name: title, exact: true });
  const dialog = (page: Page) => page.getByRole('dialog');
  const titlesOf = (page: Page) => page.getByRole('row').locator('td:first-child button').allInnerTexts();
  const hasFocus = (place: Locator) =>
    expect.poll(() => place.evaluate((shown) => shown.matches(':focus')), { timeout: 10_000 }).toBe(true);
  const choose = async (page: Page, title: string, action: string) => {
    await page.getByRole('button', { name: `Actions for “${title}”` }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  const fill = async (page: Page, title: string, description?: string) => {
    await page.getByRole('textbox', { name: 'Title', exact: true }).fill(title);
    if (description !== undefined)
      await page.getByRole('textbox', { name: /^Description/ }).fill(description);
  };
  const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click();

  test('given no items, then the page says what to do, and a keyboard creates, edits, deletes, undoes and deletes again', async () => {
    const ada = await userWith('ada');
    const page = await open(ada);
    await page.getByText('No items yet').waitFor();
    await expectFitsEverywhere(page);

    const newItem = page.getByRole('button', { name: 'New item' }).first();
    await newItem.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('Please fill this in.').waitFor();
    await expectAccessible(page);
    await page.keyboard.type('Milk');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Two litres');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await item(page, 'Milk').waitFor();
    await hasFocus(newItem);
    await page.getByText('Two litres').waitFor();

    await item(page, 'Milk').press('Enter');
    await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Oat milk');
    await page.keyboard.press('Enter');
    await item(page, 'Oat milk').waitFor();
    expect(await ada.titlesNow()).toEqual(['Oat milk']);
    await item(page, 'Oat milk').press('Enter');
    await dialog(page).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Actions for “Oat milk”' }).press('Enter');
    await hasFocus(page.getByRole('menuitem', { name: 'Edit' }));
    await page.keyboard.press('ArrowDown');
    await hasFocus(page.getByRole('menuitem', { name: 'Delete' }));
    await page.keyboard.press('Enter');
    await page.getByText('No items yet').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await item(page, 'Oat milk').waitFor();
    expect(await ada.titlesNow()).toEqual(['Oat milk']);

    await choose(page, 'Oat milk', 'Delete');
    await page.getByText('“Oat milk” is deleted.').waitFor();
    await page
      .getByRole('region', { name: 'Notifications' })
      .getByRole('button', { name: 'Close' })
      .last()
      .click();
    await expect.poll(() => ada.titlesNow()).toEqual([]);
  });

  test('given a deletion that can be undone, when the page is left or its person logs out, then it is done', async () => {
    const bob = await userWith('bob', ['Kept', 'Second', 'First']);
    const page = await open(bob);
    await choose(page, 'First', 'Delete');
    await hasFocus(item(page, 'Second'));
    await page.goto(`${dashboard.origin}/docs`);
    await expect.poll(() => bob.titlesNow()).toEqual(['Second', 'Kept']);
    await page.goto(`${dashboard.origin}/items`);
    await choose(page, 'Second', 'Delete');
    await page.getByRole('link', { name: 'Me', exact: true }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await logOutOf(page);
    expect(await bob.titlesNow()).toEqual(['Kept']);
  });

  test('given more than a page, then it is searched and sorted by its address, and paged forth, back and after a reload', async () => {
    const titles = Array.from({ length: 45 }, (_, at) => `Item ${String(at + 1).padStart(2, '0')}`);
    const carol = await userWith('carol', [...titles, 'Zürich']);
    const page = await open(carol);
    await page.getByText('46 items').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await item(page, 'Item 26').waitFor();
    await page.getByText('Page 2').waitFor();
    await page.reload();
    await item(page, 'Item 26').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await item(page, 'Item 01').waitFor();
    expect(await titlesOf(page)).toHaveLength(46 - 2 * PAGE_SIZE);
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Previous' }).click();
    await item(page, 'Item 26').waitFor();
    await page.goBack();
    await item(page, 'Item 01').waitFor();

    await page.getByRole('searchbox', { name: 'Search the items' }).fill('zur');
    await item(page, 'Zürich').waitFor();
    await page.getByText('1 item', { exact: true }).waitFor();
    expect(page.url()).toBe(`${dashboard.origin}/items?q=zur`);
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('Nothing found').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByText('46 items').waitFor();
    await page.getByRole('columnheader', { name: 'Title' }).getByRole('button').click();
    await item(page, 'Item 01').waitFor();
    expect((await titlesOf(page))[0]).toBe('Item 01');
    expect(await page.getByRole('columnheader', { name: 'Title' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Title, Z to A');
    await item(page, 'Zürich').waitFor();
    expect(page.url()).toBe(`${dashboard.origin}/items?sort=-title`);
    await page.reload();
    await item(page, 'Zürich').waitFor();
  });

  test('given two browsers, then each sees what the other does, and nothing moves under the pointer', async () => {
    const dora = await userWith('dora', ['C', 'B', 'A']);
    const [one, two] = [await open(dora), await open(dora)];
    await item(one, 'A').waitFor();
    const place = () => item(two, 'A').boundingBox();
    const before = await place();

    await one.getByRole('button', { name: 'New item' }).first().click();
    await fill(one, 'New in the first');
    await one.getByRole('button', { name: 'Create the item' }).click();
    await item(one, 'New in the first').waitFor();
    await item(one, 'B').click();
    await fill(one, 'B, changed', 'By the first');
    await save(one);
    await choose(one, 'C', 'Delete');
    await one
      .getByRole('region', { name: 'Notifications' })
      .getByRole('button', { name: 'Close' })
      .last()
      .click();

    const news = two.getByRole('button', { name: '1 new item – Show' });
    await news.waitFor();
    await item(two, 'B, changed').waitFor();
    await two.getByText('By the first').waitFor();
    await two.getByText('Deleted', { exact: false }).first().waitFor();
    expect(await place()).toEqual(before);
    await expectAccessible(two);
    await news.click();
    await item(two, 'New in the first').waitFor();
    expect(await titlesOf(two)).toEqual(['New in the first', 'A', 'B, changed']);
    await news.waitFor({ state: 'detached' });
  });

  test('given an item that two people edit, then the second sees both versions, and takes the other or keeps their own', async () => {
    const eve = await userWith('eve', ['Plan']);
    const [first, second] = [await open(eve), await open(eve)];
    dashboard.allow(second, 412);
    const conflict = second.getByRole('dialog', { name: 'Changed meanwhile' });

    for (const [round, choice] of ['Take theirs', 'Keep mine'].entries()) {
      const shown = round === 0 ? 'Plan' : 'Theirs 0';
      for (const page of [first, second]) {
        await item(page, shown).click();
        await page.getByRole('textbox', { name: 'Title', exact: true }).waitFor();
      }
      await fill(first, `Theirs ${round}`, 'Written by the first');
      await save(first);
      await second.getByText('Somebody else has just changed this item.').waitFor();
      await fill(second, `Mine ${round}`);
      await save(second);
      await conflict.waitFor();
      await conflict.getByRole('region', { name: 'Their version' }).getByText(`Theirs ${round}`).waitFor();
      await conflict.getByRole('region', { name: 'Your version' }).getByText(`Mine ${round}`).waitFor();
      if (round === 0) await expectFitsEverywhere(second);
      expect(await eve.titlesNow()).toEqual([`Theirs ${round}`]);
      await conflict.getByRole('button', { name: choice }).click();
      await conflict.waitFor({ state: 'detached' });
    }
    await item(first, 'Mine 1').waitFor();
    expect(await eve.titlesNow()).toEqual(['Mine 1']);
  });

  test('given a superuser, then everybody’s items have their owners, those of others appear, and a filter shows the own', async () => {
    const frank = await userWith('frank', ['Of Frank']);
    const [owner, admin] = [await open(frank), await open(ADMIN)];
    const row = admin.getByRole('row', { name: 'Of Frank' });
    await row.getByText(frank.email).waitFor();
    await expectFitsEverywhere(admin);
    await admin.setViewportSize({ width: 1440, height: 900 });
    await owner.getByRole('button', { name: 'New item' }).first().click();
    await fill(owner, 'Another of Frank');
    await owner.getByRole('button', { name: 'Create the item' }).click();
    await admin.getByRole('button', { name: '1 new item – Show' }).click();
    await item(admin, 'Another of Frank').waitFor();

    await admin.getByRole('combobox', { name: 'Whose items' }).selectOption('My items');
    await admin.getByText('No items yet').waitFor();
    await admin.getByRole('button', { name: 'New item' }).first().click();
    await fill(admin, 'Of the superuser');
    await admin.getByRole('button', { name: 'Create the item' }).click();
    await admin.getByRole('row', { name: 'Of the superuser' }).getByText('You').waitFor();
    expect(await titlesOf(admin)).toEqual(['Of the superuser']);
    expect(await owner.getByRole('combobox', { name: 'Whose items' }).count()).toBe(0);
  });
});
