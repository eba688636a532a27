import { whole } from '@quartet/common/config/fields.ts';
import * as z from 'zod';
import { type Rate, rate } from './rate.ts';
import type { SlowDownRule } from './slow-down.ts';

/** What is allowed of what. */
export type LimitRules = {
  loginFailuresPerAddress: Rate;
  signupsPerAddress: Rate;
  recoveriesPerEmail: Rate;
  recoveriesPerAddress: Rate;
  accountChangesPerUser: Rate;
  accountChangesPerAddress: Rate;
  undosPerAddress: Rate;
  slowDown: SlowDownRule;
};

export const limitFields = {
  RATE_LIMITS: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  LIMIT_LOGIN_FAILURES_PER_ADDRESS: rate().optional(),
  LIMIT_SIGNUPS_PER_ADDRESS: rate().optional(),
  LIMIT_RECOVERIES_PER_EMAIL: rate().optional(),
  LIMIT_RECOVERIES_PER_ADDRESS: rate().optional(),
  LIMIT_ACCOUNT_CHANGES_PER_USER: rate().optional(),
  LIMIT_ACCOUNT_CHANGES_PER_ADDRESS: rate().optional(),
  LIMIT_UNDOS_PER_ADDRESS: rate().optional(),
  LOGIN_SLOWDOWN_AFTER: whole(10, 1, 1_000_000),
  LOGIN_SLOWDOWN_LONGEST_SECONDS: whole(60, 1, 3_600),
  LOGIN_SLOWDOWN_FORGET_MINUTES: whole(60, 1, 43_200),
};

type LimitEnv = z.output<z.ZodObject<typeof limitFields>>;
type Rates = Omit<LimitRules, 'slowDown'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DEFAULTS: Rates = {
  loginFailuresPerAddress: { count: 100, periodMs: HOUR_MS },
  signupsPerAddress: { count: 20, periodMs: HOUR_MS },
  recoveriesPerEmail: { count: 5, periodMs: HOUR_MS },
  recoveriesPerAddress: { count: 30, periodMs: HOUR_MS },
  accountChangesPerUser: { count: 10, periodMs: HOUR_MS },
  accountChangesPerAddress: { count: 30, periodMs: HOUR_MS },
  undosPerAddress: { count: 30, periodMs: HOUR_MS },
};
/** A browser test suite comes from one address: 300 logins and 100 sign-ups a minute are well within. */
const LOCAL_DEFAULTS: Rates = {
  loginFailuresPerAddress: { count: 1_000, periodMs: MINUTE_MS },
  signupsPerAddress: { count: 500, periodMs: MINUTE_MS },
  recoveriesPerEmail: { count: 100, periodMs: MINUTE_MS },
  recoveriesPerAddress: { count: 500, periodMs: MINUTE_MS },
  accountChangesPerUser: { count: 100, periodMs: MINUTE_MS },
  accountChangesPerAddress: { count: 500, periodMs: MINUTE_MS },
  undosPerAddress: { count: 500, periodMs: MINUTE_MS },
};
/** Short of what the gateway, and most callers, wait for an answer. */
const LONGEST_WAIT_MS = 10_000;

/** What {@link limitFields} amount to; undefined when limits are off. */
export function limitRules(env: LimitEnv & { ENVIRONMENT: string }): LimitRules | undefined {
  if (env.RATE_LIMITS === 'off') return undefined;
  const defaults = env.ENVIRONMENT === 'local' ? LOCAL_DEFAULTS : DEFAULTS;
  return {
    loginFailuresPerAddress: env.LIMIT_LOGIN_FAILURES_PER_ADDRESS ?? defaults.loginFailuresPerAddress,
    signupsPerAddress: env.LIMIT_SIGNUPS_PER_ADDRESS ?? defaults.signupsPerAddress,
    recoveriesPerEmail: env.LIMIT_RECOVERIES_PER_EMAIL ?? defaults.recoveriesPerEmail,
    recoveriesPerAddress: env.LIMIT_RECOVERIES_PER_ADDRESS ?? defaults.recoveriesPerAddress,
    accountChangesPerUser: env.LIMIT_ACCOUNT_CHANGES_PER_USER ?? defaults.accountChangesPerUser,
    accountChangesPerAddress: env.LIMIT_ACCOUNT_CHANGES_PER_ADDRESS ?? defaults.accountChangesPerAddress,
    undosPerAddress: env.LIMIT_UNDOS_PER_ADDRESS ?? defaults.undosPerAddress,
    slowDown: {
      freeAttempts: env.LOGIN_SLOWDOWN_AFTER,
      longestPauseMs: env.LOGIN_SLOWDOWN_LONGEST_SECONDS * 1_000,
      forgetMs: env.LOGIN_SLOWDOWN_FORGET_MINUTES * MINUTE_MS,
      longestWaitMs: LONGEST_WAIT_MS,
    },
  };
}

/** How long a count may matter, in milliseconds. */
export function longestLifeMs({ slowDown, ...rates }: LimitRules): number {
  const accountMs = slowDown.forgetMs + slowDown.longestPauseMs + slowDown.longestWaitMs;
  return Math.max(accountMs, ...Object.values(rates).map(({ periodMs }) => periodMs));
}
