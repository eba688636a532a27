import { brokerAddress } from '@quartet/common/config/fields.ts';
import { type Broker, connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { logInAdmin, newMember, PASSWORD } from '../support/accounts.ts';
import { hasNoBrowser, launchBrowser } from '../support/browser.ts';
import { ADMIN, type Client, createClient } from '../support/client.ts';
import { type Dashboard, expectFitsEverywhere, logInAs, watchDashboard } from '../support/dashboard.ts';
import { refusal, type SmtpDesk, smtpEnv, startSmtpDesk } from '../support/smtp.ts';
import { type Stack, startStack } from './stack.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const withId = z.object({ id: z.string() });

describe.skipIf(hasNoBrowser)('the dashboard’s administration', () => {
  let stack: Stack;
  let browser: Browser;
  let dashboard: Dashboard;
  let api: Client;
  let admin: string;
  let desk: SmtpDesk;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    desk = await startSmtpDesk({ stopLater: (stop) => void stops.push(stop) });
    [stack, browser] = await Promise.all([startStack([], smtpEnv(desk.port)), launchBrowser()]);
    dashboard = watchDashboard(browser, new URL(stack.api).origin);
    api = createClient(stack.api);
    admin = await logInAdmin(api);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), stack?.stop()]);
    for (const stop of stops) await stop();
  });
  afterEach(() => dashboard.check());

  const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });
  const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const dialog = (page: Page, name: string) => page.getByRole('dialog', { name });
  const choose = async (page: Page, menu: string, entry: string) => {
    await page
      .getByRole('button', { name: `Actions for ${menu}` })
      .first()
      .click();
    await page.getByRole('menuitem', { name: entry, exact: true }).click();
  };

  /** The page of the administration that its navigation leads to. */
  async function openAs(name: string): Promise<Page> {
    const page = await dashboard.open('/administration');
    await logInAs(page, ADMIN);
    await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name }).click();
    await heading(page, name).waitFor();
    return page;
  }

  test('given users, when an administrator looks for some, then search, filters, sorting and pages find them', async () => {
    for (let n = 10; n < 37; n += 1) {
      const body = { email: `person-${n}@example.com`, password: PASSWORD, full_name: `Person ${n}` };
      expect((await api('POST', '/private/users/', { body })).status).toBe(200);
    }
    const page = await openAs('Users');
    await page.getByText('1 to 25 of 28').waitFor();
    await expectFitsEverywhere(page);
    await button(page, 'Next').click();
    await page.getByText('26 to 28 of 28').waitFor();
    await row(page, ADMIN.email).waitFor();
    await button(page, 'Previous').click();
    await page.getByText('1 to 25 of 28').waitFor();

    await button(page, 'User').click();
    await expect.poll(() => page.getByRole('row').nth(1).innerText()).toContain(ADMIN.email);
    expect(await page.getByRole('columnheader', { name: 'User' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    await page.getByLabel('Search names and addresses').fill('pers 21');
    await page.getByText('1 to 1 of 1').waitFor();
    await row(page, 'person-21@example.com').waitFor();
    await page.getByLabel('Role').selectOption('Superusers');
    await page.getByText('Nothing matches').waitFor();
    await button(page, 'Clear the filters').click();
    await page.getByText('1 to 25 of 28').waitFor();
    await page.getByLabel('Role').selectOption('Superusers');
    await page.getByText('1 to 1 of 1').waitFor();
    await row(page, ADMIN.email).waitFor();
  });

  test('given an invitation, then its user gets the link, is edited by two, logs in, is thrown out, deactivated and deleted', async () => {
    const email = 'grace@example.com';
    const page = await openAs('Users');
    await button(page, 'Invite a user').click();
    await page.getByLabel('E-mail address').fill(ADMIN.email);
    dashboard.allow(page, 400, 412);
    const invite = dialog(page, 'Invite a user');
    await invite.getByRole('button', { name: 'Invite a user' }).click();
    await page.getByText('Another user has this address.').waitFor();
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Full name').fill('Grace');
    await expectFitsEverywhere(page);
    await invite.getByRole('button', { name: 'Invite a user' }).click();
    await page.getByText(`An invitation goes to ${email}.`).waitFor();
    await expect.poll(() => desk.taken.filter(({ to }) => to === email)).toHaveLength(1);

    await page.getByRole('link', { name: email }).click();
    await heading(page, email).waitFor();
    await page.getByText('Not logged in anywhere').waitFor();
    const { id: userId } = withId.parse({ id: new URL(page.url()).pathname.split('/').at(-1) });
    const path = `/users/${userId}`;
    await page.getByLabel('Full name').fill('Grace Hopper');
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();

    await api('PATCH', path, { token: admin, body: { full_name: 'Somebody else’s', password: PASSWORD } });
    await page.getByLabel('Full name').fill('Rear Admiral Hopper');
    await button(page, 'Save').click();
    const conflict = dialog(page, 'Changed meanwhile');
    await conflict.getByText('Somebody else’s').waitFor();
    await conflict.getByText('Rear Admiral Hopper').waitFor();
    await expectFitsEverywhere(page);
    await button(page, 'Save mine').click();
    await conflict.waitFor({ state: 'hidden' });
    expect((await api('GET', path, { token: admin })).body).toMatchObject({
      full_name: 'Rear Admiral Hopper',
    });

    const form = { username: email, password: PASSWORD };
    const login = await api('POST', '/login/access-token', { form, headers: { 'User-Agent': FIREFOX } });
    const token = z.object({ access_token: z.string() }).parse(login.body).access_token;
    await page.getByText('Firefox on Linux').waitFor({ timeout: 20_000 });
    await expectFitsEverywhere(page);
    await button(page, 'End all sessions').click();
    await dialog(page, `End all sessions of ${email}?`)
      .getByRole('button', { name: 'End all sessions' })
      .click();
    await page.getByText('Not logged in anywhere').waitFor();
    await expect.poll(async () => (await api('GET', '/users/me', { token })).status).toBe(403);

    await button(page, 'Deactivate').click();
    await dialog(page, `Deactivate ${email}?`).getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('Deactivated', { exact: true }).waitFor();
    expect((await api('GET', path, { token: admin })).body).toMatchObject({ is_active: false });
    await button(page, 'Activate').click();
    await button(page, 'Deactivate').waitFor();

    await page.getByRole('link', { name: 'All users' }).click();
    await choose(page, email, 'Delete');
    await dialog(page, `Delete ${email}?`).getByRole('button', { name: 'Cancel' }).click();
    expect(await page.evaluate('document.activeElement?.ariaLabel')).toBe(`Actions for ${email}`);
    await choose(page, email, 'Delete');
    await button(page, 'Delete the user').click();
    await page.getByText(`${email} is deleted.`).waitFor();
    await row(page, email).waitFor({ state: 'hidden' });
    await expect.poll(async () => (await api('GET', path, { token: admin })).status).toBe(404);
  });

  test('given an e-mail that was refused, when it is looked for, then its error is there, and sent again it arrives', async () => {
    const email = 'refused@example.com';
    desk.refuse(email, refusal(550, 'No such mailbox here'));
    await newMember(api, email);
    const page = await openAs('E-mails');
    await page.getByLabel('Where is my e-mail?').fill('nobody@example.com');
    await button(page, 'Find').click();
    await page.getByText('No e-mail was ever made for nobody@example.com').waitFor();
    await page.getByLabel('Where is my e-mail?').fill(email);
    await page.keyboard.press('Enter');
    await page.getByText('1 to 1 of 1').waitFor();
    await row(page, email).getByText('No such mailbox here').waitFor({ timeout: 20_000 });
    await page.getByLabel('Status').selectOption('Failed');
    await row(page, email).getByText('Failed', { exact: true }).waitFor();
    await expectFitsEverywhere(page);
    await page.getByLabel('Status').selectOption('Any status');
    await page.getByRole('button', { name: `Send again to ${email}` }).click();
    await page.getByText(`The e-mail to ${email} is queued again.`).waitFor();
    await row(page, email).getByText('Sent', { exact: true }).waitFor({ timeout: 20_000 });
    expect(desk.taken.filter(({ to }) => to === email)).toHaveLength(1);
  });

  test('given dead letters, then one is read, replayed and discarded, and all of a reason are replayed until somebody stops', async () => {
    const operator = await openOperator();
    const { js, names } = operator;
    for (const text of ['no envelope 1', 'no envelope 2', 'no envelope 3']) {
      await js.publish(names.event('password.changed'), text);
    }
    await operator.close();
    const page = await openAs('Dead letters');
    await page.getByText('1 to 3 of 3').waitFor({ timeout: 20_000 });
    await expectFitsEverywhere(page);

    await button(page, 'password.changed').last().click();
    const letter = dialog(page, 'password.changed');
    await letter.getByText('no envelope 1').waitFor();
    await expectFitsEverywhere(page);
    await letter.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByText('The event is with its service again.').waitFor();
    // The service cannot read it this time either.
    await page.getByText('1 to 3 of 3').waitFor();

    const second = Promise.withResolvers<void>();
    const asked: string[] = [];
    await page.route('**/dead-letters/*/replay', async (route) => {
      asked.push(route.request().url());
      if (asked.length === 2) await second.promise;
      await route.continue();
    });
    await choose(page, 'password.changed', 'Replay all with this reason');
    const all = dialog(page, 'Replay all with this reason');
    await all.getByText('3 dead letters have this reason.').waitFor();
    await all.getByRole('button', { name: 'Replay all 3' }).click();
    await all.getByText('1 of 3').waitFor();
    await all.getByRole('button', { name: 'Stop' }).click();
    second.resolve();
    await all.getByText('Stopped: 2 of 3 were replayed.').waitFor();
    await expectFitsEverywhere(page);
    await all.getByRole('button', { name: 'Go on' }).click();
    await all.getByText('3 events were replayed.').waitFor();
    expect(asked).toHaveLength(3);
    await all.getByRole('button', { name: 'Close' }).click();

    for (let left = 3; left > 0; left -= 1) {
      await page.getByText(`1 to ${left} of ${left}`).waitFor({ timeout: 20_000 });
      await choose(page, 'password.changed', 'Discard');
      await button(page, 'Discard the dead letter').click();
    }
    await page.getByText('No dead letters').waitFor();
    await expectFitsEverywhere(page);
  });

  test('given the overview and the events, then they show what is up, what waits and what happens', async () => {
    const page = await openAs('Overview');
    for (const service of ['gateway', 'auth', 'items', 'notifier']) {
      await page.getByRole('row', { name: `${service} Ready` }).waitFor({ timeout: 20_000 });
    }
    await row(page, 'Events to publish: auth').waitFor();
    await page
      .getByRole('img', { name: /^Users since this page is open: between \d+ and \d+, now \d+$/ })
      .waitFor();
    await expectFitsEverywhere(page);

    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByText('Waiting for events').waitFor();
    await expectFitsEverywhere(page);
    const created = async () => {
      await newMember(api);
      return page.getByRole('button', { name: 'Show user.created' }).count();
    };
    await expect.poll(created, { timeout: 20_000, interval: 1_000 }).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Show user.created' }).first().click();
    await dialog(page, 'user.created').getByText('"specversion": "1.0"').waitFor();
    await expectFitsEverywhere(page);
    await button(page, 'Close').click();
    await button(page, 'Pause').click();
    const shown = await page.getByRole('row').count();
    await newMember(api, 'while-paused@example.com');
    await page.getByRole('button', { name: /^Go on: \d+ new$/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(shown);
    await page.getByRole('button', { name: /^Go on/ }).click();
    await page.getByRole('link', { name: 'while-paused@example.com' }).first().click();
    await heading(page, 'while-paused@example.com').waitFor();
  });

  test('given an ordinary user, then there is no administration', async () => {
    const { email } = await newMember(api, 'ordinary@example.com');
    const page = await dashboard.open('/administration/users');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await heading(page, 'There is no such page').waitFor();
    await page.getByRole('link', { name: 'Go to the items' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0);
  });

  function openOperator(): Promise<Broker> {
    return connectBroker({
      ...brokerAddress.parse(stack.broker),
      namespace: stack.id,
      name: 'operator',
      log: createLog('test', 'silent'),
      signal: new AbortController().signal,
    });
  }
});
