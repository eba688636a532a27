import * as z from 'zod';

type LengthCheck = (ctx: z.core.ParsePayload<string>) => void;

const lengthChecks = new WeakSet<object>();

/** Makes a string schema whose first check bounds the length, so that no costly check runs on long text. */
export function boundedString(check: LengthCheck): z.ZodString {
  lengthChecks.add(check);
  return z.string().check(check);
}

/** Tells whether a text has more code points than `max`; a longer text takes no longer. */
export const isLonger = (text: string, max: number): boolean =>
  text.length > max && (text.length > 2 * max || codePoints(text) > max);

/** Counts the code points of a text without making a list of them. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at += 1) {
    if (isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))) count -= 1;
  }
  return count;
}

/** Cuts a text that is only compared or looked up, to a length that is still too long to match anything. */
export function cut(text: string, max: number): string {
  if (text.length <= 2 * max + 2) return text;
  // The rest has at least `max + 1` code points, and no half of a surrogate pair.
  const end = isHigh(text.charCodeAt(2 * max + 1)) ? 2 * max + 1 : 2 * max + 2;
  return text.slice(0, end);
}

/** Tells whether a schema's first check bounds its text. */
export function isBoundedText(checks: readonly z.core.$ZodCheck[] = []): boolean {
  const [first] = checks;
  return first !== undefined && lengthChecks.has(first._zod.check);
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
