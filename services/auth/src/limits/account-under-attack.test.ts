import { requestLink } from '@quartet/common/events/user-request.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, newMember, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import { atOnce, attack, letThemFinish, statuses, times, WRONG } from '../../../../tests/support/attack.ts';
import type { Answer, Client } from '../../../../tests/support/client.ts';
import { shownLink } from '../../../../tests/support/forged-tokens.ts';
import {
  expectTooMany,
  type LimitedAuth,
  newAddress,
  runLimitedAuth,
  tryPassword,
} from '../../../../tests/support/limits.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: LimitedAuth;
let one: Client;
let other: Client;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runLimitedAuth(bed);
  [one, other] = [auth.replicas[0].client, auth.replicas[1].client];
});
afterAll(() => bed.stop());

describe('an account under attack', () => {
  let rest: Promise<Answer[]>;

  /** 40 attempts at once, of which three still wait. */
  async function underAttack(email: string): Promise<void> {
    const { answers, all } = attack(auth, email, 40);
    rest = all;
    await expect.poll(() => [answers.length, auth.clock.sleepers()]).toEqual([37, 3]);
    expectTooMany(await tryPassword(one, email, PASSWORD));
  }
  afterEach(() => letThemFinish(auth.clock, rest));

  const isFree = async (email: string, password: string) =>
    expect((await tryPassword(other, email, password)).status).toBe(200);

  test('when its owner sets a password by a link, then the owner can log in at once', async () => {
    const { email } = await signUp(one);
    await underAttack(email);
    expect((await one('POST', `/password-recovery/${email}`)).status).toBe(200);
    const reply = await requestLink(bed.broker, shownLink(bed, email));
    const body = { token: reply.found ? reply.token : '', new_password: 'password2' };
    expect((await one('POST', '/reset-password/', { body })).status).toBe(200);
    await isFree(email, 'password2');
  });

  test('when it continues after its owner set a password by a link, then the owner can still log in from there', async () => {
    const { email } = await signUp(one);
    await underAttack(email);
    const address = newAddress();
    const reply = await requestLink(bed.broker, shownLink(bed, email));
    const body = { token: reply.found ? reply.token : '', new_password: 'password2' };
    const headers = { 'x-forwarded-for': address };
    expect((await one('POST', '/reset-password/', { body, headers })).status).toBe(200);
    const { answers, all } = attack(auth, email, 40);
    await expect.poll(() => [answers.length, auth.clock.sleepers()]).toEqual([37, 6]);
    rest = Promise.all([rest, all]).then((each) => each.flat());

    expectTooMany(await tryPassword(one, email, 'password2'));
    const fromThere = (client: Client, password: string) => tryPassword(client, email, password, address);
    expect((await fromThere(other, 'password2')).status).toBe(200);
    // The same rule with a count of its own: ten free attempts, then it is slow there too.
    for (let n = 0; n < 10; n += 1) expect((await fromThere(one, WRONG)).status).toBe(400);
    const waiting = fromThere(other, 'password2');
    await expect.poll(() => auth.clock.sleepers()).toBe(7);
    auth.clock.advance(1_000);
    expect((await waiting).status).toBe(200);
    expect((await fromThere(one, 'password2')).status).toBe(200);
  });

  test('when its owner has a session and sets a password, then the owner can log in at once', async () => {
    const { email, token } = await newMember(one);
    await underAttack(email);
    const body = { current_password: PASSWORD, new_password: 'password2' };
    expect((await one('PATCH', '/users/me/password', { token, body })).status).toBe(200);
    await isFree(email, 'password2');
  });

  test('when an admin sets a password, then its owner can log in at once; another change has no such effect', async () => {
    const admin = await logInAdmin(one);
    const { email, id } = await signUp(one);
    await underAttack(email);
    await adminUpdates(one, admin, id, { full_name: 'Name' });
    expectTooMany(await tryPassword(other, email, PASSWORD));
    await adminUpdates(one, admin, id, { password: 'password2' });
    await isFree(email, 'password2');
  });
});

test('given a stolen session, then the current password cannot be guessed faster than at the login', async () => {
  const { token } = await newMember(one);
  const guess = (auth: Client) =>
    auth('PATCH', '/users/me/password', {
      token,
      body: { current_password: WRONG, new_password: 'password2' },
    });
  const { answers, all } = atOnce(auth, 20, guess);
  // No time passes before each has its slot, or is refused.
  await expect.poll(() => [answers.length, auth.clock.sleepers()]).toEqual([17, 3]);
  expect(statuses(await letThemFinish(auth.clock, all))).toBe([...times(400, 13), ...times(429, 7)].join());
  for (const answer of answers.filter(({ status }) => status !== 400)) expectTooMany(answer);
});

test('given logins of a text that names another account, then that account keeps its own attempts', async () => {
  const { email, token } = await newMember(one);
  const { answers, all } = attack(auth, `${email} by a session`, 40);
  await expect.poll(() => [answers.length, auth.clock.sleepers()]).toEqual([37, 3]);
  const body = { current_password: PASSWORD, new_password: 'password2' };
  const { status } = await one('PATCH', '/users/me/password', { token, body });
  await letThemFinish(auth.clock, all);
  expect(status).toBe(200);
});
