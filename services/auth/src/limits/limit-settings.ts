import { whole } from '@quartet/common/config/fields.ts';
import * as z from 'zod';
import type { ThrottleRule } from './login-pause.ts';
import type { Rate } from './rate-limit.ts';

export type LimitRules = {
  loginFailuresPerAddress: Rate;
  signupsPerAddress: Rate;
  recoveriesPerEmail: Rate;
  recoveriesPerAddress: Rate;
  accountChangesPerUser: Rate;
  accountChangesPerAddress: Rate;
  undosPerAddress: Rate;
  refreshesPerSession: Rate;
  refreshesPerAddress: Rate;
  loginThrottle: ThrottleRule;
};

const UNIT_MS: Record<string, number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const RATE_FORM = /^(\d{1,9})\s*\/\s*(?:(\d{1,6})\s*)?(second|minute|hour|day)s?$/;
const LONGEST_PERIOD_MS = 30 * 86_400_000;
const MISTAKE = 'must read like 20/hour or 20/15 minutes (second, minute, hour or day; 30 days at most)';

export const rate = () =>
  z.string().transform((text, ctx): Rate => {
    const parsed = parseRate(text.trim().toLowerCase());
    if (parsed) return parsed;
    ctx.issues.push({ code: 'custom', input: text, message: MISTAKE });
    return z.NEVER;
  });

function parseRate(text: string): Rate | undefined {
  const [, count, periods = '1', unit = ''] = RATE_FORM.exec(text) ?? [];
  const rate = { count: Number(count), periodMs: Number(periods) * (UNIT_MS[unit] ?? 0) };
  return rate.count > 0 && rate.periodMs > 0 && rate.periodMs <= LONGEST_PERIOD_MS ? rate : undefined;
}

export const limitFields = {
  RATE_LIMITS: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  LIMIT_LOGIN_FAILURES_PER_ADDRESS: rate().optional(),
  LIMIT_SIGNUPS_PER_ADDRESS: rate().optional(),
  LIMIT_RECOVERIES_PER_EMAIL: rate().optional(),
  LIMIT_RECOVERIES_PER_ADDRESS: rate().optional(),
  LIMIT_ACCOUNT_CHANGES_PER_USER: rate().optional(),
  LIMIT_ACCOUNT_CHANGES_PER_ADDRESS: rate().optional(),
  LIMIT_UNDOS_PER_ADDRESS: rate().optional(),
  LIMIT_REFRESHES_PER_SESSION: rate().optional(),
  LIMIT_REFRESHES_PER_ADDRESS: rate().optional(),
  LOGIN_SLOWDOWN_AFTER: whole(10, 1, 1_000_000),
  LOGIN_SLOWDOWN_LONGEST_SECONDS: whole(60, 1, 3_600),
  LOGIN_SLOWDOWN_FORGET_MINUTES: whole(60, 1, 43_200),
};

type LimitEnv = z.output<z.ZodObject<typeof limitFields>>;
type Rates = Omit<LimitRules, 'loginThrottle'>;

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
  refreshesPerSession: { count: 300, periodMs: HOUR_MS },
  refreshesPerAddress: { count: 10_000, periodMs: HOUR_MS },
};
/** A browser test suite makes 300 logins and 100 sign-ups a minute from one address. */
const LOCAL_DEFAULTS: Rates = {
  loginFailuresPerAddress: { count: 1_000, periodMs: MINUTE_MS },
  signupsPerAddress: { count: 500, periodMs: MINUTE_MS },
  recoveriesPerEmail: { count: 100, periodMs: MINUTE_MS },
  recoveriesPerAddress: { count: 500, periodMs: MINUTE_MS },
  accountChangesPerUser: { count: 100, periodMs: MINUTE_MS },
  accountChangesPerAddress: { count: 500, periodMs: MINUTE_MS },
  undosPerAddress: { count: 500, periodMs: MINUTE_MS },
  refreshesPerSession: { count: 300, periodMs: MINUTE_MS },
  refreshesPerAddress: { count: 3_000, periodMs: MINUTE_MS },
};
/** The gateway and most callers wait longer than this for an answer. */
const LONGEST_WAIT_MS = 10_000;

/** Returns undefined when limits are off. */
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
    refreshesPerSession: env.LIMIT_REFRESHES_PER_SESSION ?? defaults.refreshesPerSession,
    refreshesPerAddress: env.LIMIT_REFRESHES_PER_ADDRESS ?? defaults.refreshesPerAddress,
    loginThrottle: {
      freeAttempts: env.LOGIN_SLOWDOWN_AFTER,
      longestPauseMs: env.LOGIN_SLOWDOWN_LONGEST_SECONDS * 1_000,
      forgetMs: env.LOGIN_SLOWDOWN_FORGET_MINUTES * MINUTE_MS,
      longestWaitMs: LONGEST_WAIT_MS,
    },
  };
}

export function longestLifeMs({ loginThrottle, ...rates }: LimitRules): number {
  const accountMs = loginThrottle.forgetMs + loginThrottle.longestPauseMs + loginThrottle.longestWaitMs;
  return Math.max(accountMs, ...Object.values(rates).map(({ periodMs }) => periodMs));
}
