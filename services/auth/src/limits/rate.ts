import * as z from 'zod';

/** So many in such a time. */
export type Rate = { count: number; periodMs: number };

const UNIT_MS: Record<string, number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const FORM = /^(\d{1,9})\s*\/\s*(?:(\d{1,6})\s*)?(second|minute|hour|day)s?$/;
const LONGEST_MS = 30 * 86_400_000;
const MISTAKE = 'must read like 20/hour or 20/15 minutes (second, minute, hour or day; 30 days at most)';

/** A rate as it stands in the environment: `20/hour`, `20/15 minutes`. */
export const rate = () =>
  z.string().transform((text, ctx): Rate => {
    const parsed = parseRate(text.trim().toLowerCase());
    if (parsed) return parsed;
    ctx.issues.push({ code: 'custom', input: text, message: MISTAKE });
    return z.NEVER;
  });

function parseRate(text: string): Rate | undefined {
  const [, count, periods = '1', unit = ''] = FORM.exec(text) ?? [];
  const rate = { count: Number(count), periodMs: Number(periods) * (UNIT_MS[unit] ?? 0) };
  return rate.count > 0 && rate.periodMs > 0 && rate.periodMs <= LONGEST_MS ? rate : undefined;
}
