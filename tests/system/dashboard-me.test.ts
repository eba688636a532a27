import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasNoBrowser, launchBrowser } from '../support/browser.ts';
import { ADMIN, createClient } from '../support/client.ts';
import {
  type Dashboard,
  expectAccessible,
  expectFitsEverywhere,
  logInAs,
  watchDashboard,
} from '../support/dashboard.ts';
import { tokenIn, waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

const PASSWORD = 'a long password';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
/** What the API answers to a session that is over. */
const ENDED = [400, 401, 403, 404];

describe.skipIf(hasNoBrowser)('the dashboard’s page of a person', () => {
  let stack: Stack;
  let browser: Browser;
  let dashboard: Dashboard;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([
      startStack([], { EMAIL_VERIFICATION: 'optional' }),
      launchBrowser(),
    ]);
    dashboard = watchDashboard(browser, new URL(stack.api).origin);
  });
  afterAll(() => Promise.all([browser?.close(), stack?.stop()]));
  afterEach(() => dashboard.check());

  async function newUser(name: string) {
    const email = `${name}@example.com`;
    const body = { email, password: PASSWORD, full_name: name };
    const { status } = await createClient(stack.api)('POST', '/users/signup', { body });
    expect(status).toBe(200);
    return { email, password: PASSWORD };
  }
  async function open(user: { email: string; password: string }, userAgent?: string) {
    const page = await dashboard.open('/me', userAgent === undefined ? {} : { userAgent });
    await logInAs(page, user);
    await page.getByRole('heading', { name: 'Me', level: 1 }).waitFor();
    return page;
  }
  const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  test('given a person, when they change name, appearance and address, then each is kept, and the old address undoes its change', async () => {
    const ada = await newUser('ada');
    const welcome = tokenIn(await waitForMail(stack.inbox, ada.email, 'Welcome'), 'verify-email');
    const mailbox = await dashboard.open(`/verify-email?token=${welcome}`);
    await mailbox.getByText(`${ada.email} is verified.`).waitFor();
    const page = await open(ada);
    await section(page, 'Sessions').getByText('This session').waitFor();
    await expectFitsEverywhere(page);
    await page.getByRole('textbox', { name: 'Full name' }).fill('Ada Lovelace');
    await press(page, 'Save');
    await page.getByText('Your name is saved.').waitFor();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await page.reload();
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Full name' }).inputValue())
      .toBe('Ada Lovelace');
    expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true);
    expect(await page.evaluate('document.documentElement.dataset.appearance')).toBe('dark');

    dashboard.allow(page, 409, ...ENDED);
    const address = page.getByRole('textbox', { name: 'E-mail address' });
    await address.fill(ADMIN.email);
    await press(page, 'Change the address');
    await page.getByText('Another account has this address.').waitFor();
    await address.fill('ada@home.example');
    await press(page, 'Change the address');
    await page.getByText('Your address is ada@home.example now.').waitFor();
    await page.getByText(`A link that undoes the change is on its way to ${ada.email}.`).waitFor();
    await page.getByText('It is good for 72 hours, no matter who made the change.').waitFor();
    await section(page, 'Address').getByText('Not verified', { exact: true }).waitFor();
    await expectAccessible(page);

    const verify = tokenIn(await waitForMail(stack.inbox, 'ada@home.example', 'Verify'), 'verify-email');
    await mailbox.goto(`${dashboard.origin}/verify-email?token=${verify}`);
    await mailbox.getByText('ada@home.example is verified.').waitFor();
    await section(page, 'Address').getByText('Verified', { exact: true }).waitFor();

    const undo = tokenIn(
      await waitForMail(stack.inbox, ada.email, 'address was changed'),
      'undo-email-change',
    );
    await mailbox.goto(`${dashboard.origin}/undo-email-change?token=${undo}`);
    await mailbox.getByRole('button', { name: 'Undo the change' }).click();
    await mailbox.getByText(`Your address is ${ada.email} again.`).waitFor();
    await page.getByText('Your session has ended.').waitFor();
  });

  test('given a person in several browsers, when one ends the others or changes the password, then those are led to the login', async () => {
    const bob = await newUser('bob');
    const [here, firefox] = [await open(bob), await open(bob, FIREFOX)];
    dashboard.allow(here, ...ENDED);
    dashboard.allow(firefox, ...ENDED);
    const atLogin = (page: Page) => page.getByText('Your session has ended.').waitFor({ timeout: 10_000 });

    await here.reload();
    const listed = section(here, 'Sessions').getByRole('listitem').filter({ hasText: 'Firefox on Linux' });
    await listed.getByText('127.0.0.1, just now').waitFor();
    await listed.getByRole('button').click();
    await here.getByRole('dialog', { name: 'End the session of Firefox on Linux?' }).waitFor();
    await expectAccessible(here);
    await press(here, 'End the session');
    await here.getByText('The session has ended.').waitFor();
    await atLogin(firefox);
    await listed.waitFor({ state: 'detached' });

    await logInAs(firefox, bob);
    await here.reload();
    await press(here, 'End all other sessions');
    await here.getByRole('dialog').getByRole('button', { name: 'End all other sessions' }).click();
    await here.getByText('All other sessions have ended.').waitFor();
    await atLogin(firefox);

    await logInAs(firefox, bob);
    const [current, next] = [here.getByLabel('Current password'), here.getByLabel('New password')];
    await current.fill('wrong password');
    await next.fill('another long password');
    await press(here, 'Change the password');
    await here.getByText('This is not your password.').waitFor();
    await current.fill(PASSWORD);
    await next.fill(PASSWORD);
    await press(here, 'Change the password');
    await here.getByText('This is your password already.').waitFor();
    await next.fill('another long password');
    await press(here, 'Change the password');
    await here.getByText('Your password is changed, and your other sessions have ended.').waitFor();
    await atLogin(firefox);
    await logInAs(firefox, { ...bob, password: 'another long password' });
    expect(await current.inputValue()).toBe('');
  });

  test('given a person, when they type their address, then their account is deleted everywhere, and a superuser stays', async () => {
    const carol = await newUser('carol');
    const [page, other] = [await open(carol), await open(carol)];
    dashboard.allow(page, ...ENDED);
    dashboard.allow(other, ...ENDED);
    await press(page, 'Delete my account');
    const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
    await dialog.getByLabel(`Type ${carol.email} to confirm`).fill('somebody@example.com');
    await dialog.getByRole('button', { name: 'Delete my account' }).click();
    await dialog.getByText('This is not your address.').waitFor();
    await expectFitsEverywhere(page);
    await dialog.getByLabel(`Type ${carol.email} to confirm`).fill(carol.email);
    await page.keyboard.press('Enter');
    await page.getByText('Your account is deleted.').waitFor();
    for (const each of [page, other]) await each.getByRole('heading', { name: 'Log in' }).waitFor();
    await logInAs(page, ADMIN);
    await page.getByRole('link', { name: 'Me', exact: true }).click();
    await page.getByText('Superusers do not delete themselves.').waitFor();
    expect(await page.getByRole('button', { name: 'Delete my account' }).count()).toBe(0);
  });
});
