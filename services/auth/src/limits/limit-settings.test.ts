import { describe, expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { rate } from './limit-settings.ts';

test.each([
  ['20/hour', 20, 3_600_000],
  ['1/second', 1, 1_000],
  ['300/minute', 300, 60_000],
  ['20/15 minutes', 20, 900_000],
  [' 5 / 30 Seconds ', 5, 30_000],
  ['2/30days', 2, 30 * 86_400_000],
])('given %j, then it is read', (text, count, periodMs) => {
  expect(rate().parse(text)).toEqual({ count, periodMs });
});

test.each([
  '',
  '20',
  '/hour',
  '0/hour',
  '-1/hour',
  '1.5/hour',
  '20/0 minutes',
  '20/week',
  '20/31 days',
  '20 per hour',
])('given %j, then it is refused with an example of what is right', (text) => {
  expect(rate().safeParse(text).error?.issues[0]?.message).toContain('must read like 20/hour');
});

describe('the settings of limits', () => {
  const env = {
    SECRET_KEY: 'V7gq2Xz0sYtB4nKd1LrJ8mWc5PfH6uAe',
    FIRST_SUPERUSER_PASSWORD: 'a real password',
  };

  test.each(['staging', 'production'])('given %s, then the defaults are strict', (ENVIRONMENT) => {
    expect(loadConfig({ ...env, ENVIRONMENT }).limits).toEqual({
      loginFailuresPerAddress: { count: 100, periodMs: 3_600_000 },
      signupsPerAddress: { count: 20, periodMs: 3_600_000 },
      recoveriesPerEmail: { count: 5, periodMs: 3_600_000 },
      recoveriesPerAddress: { count: 30, periodMs: 3_600_000 },
      accountChangesPerUser: { count: 10, periodMs: 3_600_000 },
      accountChangesPerAddress: { count: 30, periodMs: 3_600_000 },
      undosPerAddress: { count: 30, periodMs: 3_600_000 },
      refreshesPerSession: { count: 300, periodMs: 3_600_000 },
      refreshesPerAddress: { count: 10_000, periodMs: 3_600_000 },
      loginThrottle: { freeAttempts: 10, longestPauseMs: 60_000, forgetMs: 3_600_000, longestWaitMs: 10_000 },
    });
  });

  test('given values for all, then they are read', () => {
    const given = {
      LIMIT_LOGIN_FAILURES_PER_ADDRESS: '1/second',
      LIMIT_SIGNUPS_PER_ADDRESS: '2/minute',
      LIMIT_RECOVERIES_PER_EMAIL: '3/day',
      LIMIT_RECOVERIES_PER_ADDRESS: '4/15 minutes',
      LIMIT_ACCOUNT_CHANGES_PER_USER: '8/hour',
      LIMIT_ACCOUNT_CHANGES_PER_ADDRESS: '9/hour',
      LIMIT_UNDOS_PER_ADDRESS: '10/hour',
      LIMIT_REFRESHES_PER_SESSION: '11/hour',
      LIMIT_REFRESHES_PER_ADDRESS: '12/hour',
      LOGIN_SLOWDOWN_AFTER: '5',
      LOGIN_SLOWDOWN_LONGEST_SECONDS: '6',
      LOGIN_SLOWDOWN_FORGET_MINUTES: '7',
    };
    expect(loadConfig({ ...env, ...given }).limits).toEqual({
      loginFailuresPerAddress: { count: 1, periodMs: 1_000 },
      signupsPerAddress: { count: 2, periodMs: 60_000 },
      recoveriesPerEmail: { count: 3, periodMs: 86_400_000 },
      recoveriesPerAddress: { count: 4, periodMs: 900_000 },
      accountChangesPerUser: { count: 8, periodMs: 3_600_000 },
      accountChangesPerAddress: { count: 9, periodMs: 3_600_000 },
      undosPerAddress: { count: 10, periodMs: 3_600_000 },
      refreshesPerSession: { count: 11, periodMs: 3_600_000 },
      refreshesPerAddress: { count: 12, periodMs: 3_600_000 },
      loginThrottle: { freeAttempts: 5, longestPauseMs: 6_000, forgetMs: 420_000, longestWaitMs: 10_000 },
    });
  });

  test('given limits are off, then there are none; given a wrong form, then the message shows the right one', () => {
    expect(loadConfig({ ...env, RATE_LIMITS: 'off' }).limits).toBeUndefined();
    expect(() => loadConfig({ ...env, RATE_LIMITS: 'maybe', LIMIT_SIGNUPS_PER_ADDRESS: 'few' })).toThrow(
      '  RATE_LIMITS: must be on or off\n  LIMIT_SIGNUPS_PER_ADDRESS: must read like 20/hour',
    );
  });
});
