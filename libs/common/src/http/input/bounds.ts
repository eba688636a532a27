import * as z from 'zod';

/** A check of a text’s length, before any other check. */
type LengthCheck = (ctx: z.core.ParsePayload<string>) => void;

const lengthChecks = new WeakSet<object>();

/**
 * A string whose first check bounds its length, so that no normalisation, regular expression or hash meets what is long.
 * Whatever is added to it runs only on what the check let pass.
 */
export function boundedString(check: LengthCheck): z.ZodString {
  lengthChecks.add(check);
  return z.string().check(check);
}

/** Whether a text has more code points than `max`; takes no longer for a longer text. */
export const isLonger = (text: string, max: number): boolean =>
  text.length > max && (text.length > 2 * max || codePoints(text) > max);

/** The code points of a text, without making a list of them. */
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
  // At least `max + 1` code points, and no half of a pair.
  const end = isHigh(text.charCodeAt(2 * max + 1)) ? 2 * max + 1 : 2 * max + 2;
  return text.slice(0, end);
}

/** Whether a schema's text is bounded by its first check. */
export function isBoundedText(checks: readonly z.core.$ZodCheck[] = []): boolean {
  const [first] = checks;
  return first !== undefined && lengthChecks.has(first._zod.check);
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
