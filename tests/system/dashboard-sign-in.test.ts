import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasNoBrowser, launchBrowser } from '../support/browser.ts';
import { ADMIN, createClient } from '../support/client.ts';
import {
  type Dashboard,
  expectAccessible,
  expectFitsEverywhere,
  logInAs,
  logOutOf,
  watchDashboard,
} from '../support/dashboard.ts';
import { tokenIn, waitForMail } from '../support/inbox.ts';
import { type Stack, startStack } from './stack.ts';

const PASSWORD = 'a long password';

describe.skipIf(hasNoBrowser)('the dashboard, for who is not logged in', () => {
  let stack: Stack;
  let browser: Browser;
  let dashboard: Dashboard;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([
      startStack([], { EMAIL_VERIFICATION: 'optional', LIMIT_RECOVERIES_PER_EMAIL: '2/hour' }),
      launchBrowser(),
    ]);
    dashboard = watchDashboard(browser, new URL(stack.api).origin);
  });
  afterAll(() => Promise.all([browser?.close(), stack?.stop()]));
  afterEach(() => dashboard.check());

  const signUp = async (email: string) => {
    const answer = await createClient(stack.api)('POST', '/users/signup', {
      body: { email, password: PASSWORD },
    });
    expect(answer.status).toBe(200);
    return email;
  };

  const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });

  test('given a newcomer, when they sign up, then they are in, are welcomed by an e-mail whose link verifies, and log out and in', async () => {
    const email = 'ada@example.com';
    const page = await dashboard.open('/');
    await page.getByRole('link', { name: 'Sign up' }).click();
    await heading(page, 'Sign up').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Sign up');
    await page.getByLabel('Full name').fill('Ada');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await heading(page, 'Items').waitFor();
    await expectFitsEverywhere(page);

    const token = tokenIn(await waitForMail(stack.inbox, email, 'Welcome'), 'verify-email');
    await page.goto(`${dashboard.origin}/verify-email?token=${token}`);
    await page.getByText(`${email} is verified.`).waitFor();
    expect(page.url()).toBe(`${dashboard.origin}/verify-email`);
    await expectAccessible(page);
    await page.goto(`${dashboard.origin}/`);
    await heading(page, 'Items').waitFor();
    await logOutOf(page);
    await page.getByText('You are logged out.').waitFor();
    await logInAs(page, { email, password: PASSWORD });
  });

  test('given a mail’s link, then its address is the dashboard’s, and it sets a password once', async () => {
    const email = await signUp('grace@example.com');
    const page = await dashboard.open('/login');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await heading(page, 'Reset your password').waitFor();
    await page.getByLabel('E-mail address').fill(email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('a link is on its way').waitFor();
    await expectAccessible(page);

    const mail = await waitForMail(stack.inbox, email, 'Password recovery');
    expect(mail.Text).toContain(`${dashboard.origin}/reset-password?token=`);
    const link = `${dashboard.origin}/reset-password?token=${tokenIn(mail)}`;
    await page.goto(link);
    await heading(page, 'Set your password').waitFor();
    expect(page.url()).toBe(`${dashboard.origin}/reset-password`);
    await expectFitsEverywhere(page);
    await page.getByLabel('New password').fill('short');
    await page.getByRole('button', { name: 'Set your password' }).click();
    await page.getByText('At least 8 characters, please.').waitFor();
    await page.getByLabel('New password').fill('another long password');
    await page.getByRole('button', { name: 'Set your password' }).click();
    await logInAs(page, { email, password: 'another long password' });
    await logOutOf(page);

    dashboard.allow(page, 400);
    await page.goto(link);
    await page.getByLabel('New password').fill('a third long password');
    await page.getByRole('button', { name: 'Set your password' }).click();
    await page.getByText('This link is used, expired or incomplete.').waitFor();
    await page.getByRole('link', { name: 'Ask for a new link' }).click();
    await heading(page, 'Reset your password').waitFor();
  });

  test('given an address that was changed, when the old one’s link is opened, then it is back', async () => {
    const email = await signUp('old@example.com');
    const api = createClient(stack.api);
    const { body } = await api('POST', '/login/access-token', {
      form: { username: email, password: PASSWORD },
    });
    const { access_token: token } = body as { access_token: string };
    await api('PATCH', '/users/me', { token, body: { email: 'new@example.com' } });
    const undo = tokenIn(await waitForMail(stack.inbox, email, 'address was changed'), 'undo-email-change');
    const page = await dashboard.open(`/undo-email-change?token=${undo}`);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Undo the change' }).click();
    await page.getByText(`Your address is ${email} again.`).waitFor();
  });

  test('given what the API refuses, then it stands beside its field, or says when to come back', async () => {
    await signUp('taken@example.com');
    const page = await dashboard.open('/signup');
    dashboard.allow(page, 400, 429);
    await page.getByLabel('E-mail address').fill('taken@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign up' }).click();
    const field = page.getByLabel('E-mail address');
    await page.getByText('An account with this address exists already.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await expectFitsEverywhere(page);

    await page.getByRole('link', { name: 'Log in' }).click();
    await heading(page, 'Log in').waitFor();
    await field.fill('nobody@example.com');
    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('The address or the password is wrong.').waitFor();

    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await heading(page, 'Reset your password').waitFor();
    await field.fill('nobody@example.com');
    const sendLink = async () => {
      const answer = page.waitForResponse(/password-recovery/);
      await page.getByRole('button', { name: 'Send the link' }).click();
      return (await answer).status();
    };
    await expect.poll(sendLink).toBe(429);
    await page.getByText(/^Too many attempts. Try again in (a|an|\d+) \w+\.$/).waitFor();
    await expectFitsEverywhere(page);
  });

  test('given a deep link, when the person logs in, then they are there, and an unknown page says so', async () => {
    const page = await dashboard.open('/me');
    await heading(page, 'Log in').waitFor();
    expect(new URL(page.url()).searchParams.get('next')).toBe('/me');
    await logInAs(page, ADMIN);
    await heading(page, 'Me').waitFor();
    await page.goto(`${dashboard.origin}/nowhere`);
    await heading(page, 'There is no such page').waitFor();
    await expectAccessible(page);
  });
});
