import { QuartetError } from '@quartet/client';
import { common } from '#texts/common.ts';

/** Whether the API, or the part of it that was asked, is away: the same request may succeed in a moment. */
export const isAway = (err: unknown): boolean =>
  err instanceof QuartetError && (err.status === undefined || [502, 503, 504].includes(err.status));

/** Texts for people: those beside a field, and the one for the whole form. */
export type Problems = { fields: Record<string, string>; general: string | undefined };

/** What a `detail` of the API means here: a text, and the field it belongs to, if any. */
export type KnownDetails = Record<string, { text: string; field?: string }>;

/** The parts of 422 that say themselves what is wrong. */
const WORDS: Record<string, (context: Record<string, unknown>) => string> = {
  missing: () => common.required,
  value_error: () => common.email,
  string_too_short: ({ min_length }) => common.tooShort(Number(min_length)),
  string_too_long: ({ max_length }) => common.tooLong(Number(max_length)),
};

/** @param known what the API may answer to this call, by its `detail` */
export function problemsOf(err: unknown, known: KnownDetails = {}): Problems {
  if (!(err instanceof QuartetError)) throw err;
  const { detail } = err;
  if (Array.isArray(detail)) {
    const fields = detail.map(({ loc, type, msg, ctx }) => [loc.at(-1), WORDS[type]?.(ctx ?? {}) ?? msg]);
    return { fields: Object.fromEntries(fields), general: undefined };
  }
  const found = detail === undefined ? undefined : known[detail];
  if (found?.field) return { fields: { [found.field]: found.text }, general: undefined };
  return { fields: {}, general: found?.text ?? textOf(err) };
}

/** What a person reads about an error of the API. */
export function textOf(err: unknown): string {
  if (!(err instanceof QuartetError)) return common.failed;
  const { status, retryAfterSeconds } = err;
  if (status === undefined) return common.noAnswer;
  if (status === 429) {
    return retryAfterSeconds === undefined ? common.tooManySoon : common.tooMany(inWords(retryAfterSeconds));
  }
  if (status === 503) return common.unavailable;
  return status >= 500 ? common.unexpected : err.message;
}

/** `90` is "2 minutes": not too early. */
function inWords(seconds: number): string {
  if (seconds < 60) return common.seconds(seconds);
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? common.minutes(minutes) : common.hours(Math.ceil(minutes / 60));
}
