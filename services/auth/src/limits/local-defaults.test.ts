import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEmail, PASSWORD } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { loadConfig } from '../config.ts';
import { type Rate, take, type UsedUntil } from './rate-limit.ts';

let bed: Testbed;
let auth: Client;

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runAuth(bed, { RATE_LIMITS: 'on' })).client;
});
afterAll(() => bed.stop());

const logIn = (username: string, password: string) =>
  auth('POST', '/login/access-token', { form: { username, password } });
const signUp = () => auth('POST', '/users/signup', { body: { email: newEmail(), password: PASSWORD } });

describe('given the defaults of `local`', () => {
  test('when a test suite makes 300 logins and 100 sign-ups from one address, then all are allowed', async () => {
    const signUps = await Promise.all(Array.from({ length: 100 }, signUp));
    expect(new Set(signUps.map(({ status }) => status))).toEqual(new Set([200]));
    for (let round = 0; round < 3; round += 1) {
      const failing = Array.from({ length: 100 }, () => logIn(newEmail(), PASSWORD));
      expect(new Set((await Promise.all(failing)).map(({ status }) => status))).toEqual(new Set([400]));
    }
  });

  test('when several minutes pass, then twice as many are allowed', () => {
    const { limits } = loadConfig({ SECRET_KEY: 'a long random text' });
    const everyMinute = (rate: Rate | undefined, count: number): boolean => {
      if (!rate) return true;
      let used: UsedUntil;
      for (let n = 0; n < count * 60; n += 1) {
        // All of a minute's at its first moment.
        const taken = take(used, Math.floor(n / count) * 60_000, rate);
        if ('retryAfterMs' in taken) return false;
        used = taken.usedUntil;
      }
      return true;
    };
    expect(everyMinute(limits?.loginFailuresPerAddress, 600)).toBe(true);
    expect(everyMinute(limits?.signupsPerAddress, 200)).toBe(true);
    expect(everyMinute(limits?.signupsPerAddress, 501)).toBe(false);
  });
});

test('given RATE_LIMITS=off, then nothing is refused, slowed down or reported', async () => {
  const env = { LIMIT_SIGNUPS_PER_ADDRESS: '1/day', LOGIN_SLOWDOWN_AFTER: '1', ENVIRONMENT: 'local' };
  const off = (await runAuth(bed, { RATE_LIMITS: 'off', ...env })).client;
  const email = newEmail();
  for (let n = 0; n < 3; n += 1) {
    const body = { email: n === 0 ? email : newEmail(), password: PASSWORD };
    expect((await off('POST', '/users/signup', { body })).status).toBe(200);
  }
  const form = { username: email, password: 'wrong pass' };
  for (let n = 0; n < 20; n += 1)
    expect((await off('POST', '/login/access-token', { form })).status).toBe(400);
  expect(await bed.database.db.collection('users').findOne({ email })).not.toHaveProperty('guessing_told_at');
});
