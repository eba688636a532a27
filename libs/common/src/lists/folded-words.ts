const WORD = /[\p{L}\p{N}]+/gu;
const MARKS = /\p{M}+/gu;
/** Of a longer word the rest does not count, so that no index entry becomes long. It is more than a query has. */
const LONGEST = 128;

/**
 * Brings text into the form in which it is searched: without case, without diacritics, and compatibility characters as plain ones
 * (Unicode NFKD without marks). Lower, upper and lower case again fold what has several small letters: `ß` and `ẞ` to `ss`, the
 * Turkish `İ` and `ı` to `i`, and a final sigma to a sigma.
 */
export function fold(text: string): string {
  const capitals = plain(plain(text).toLowerCase()).toUpperCase();
  return plain(plain(capitals).toLowerCase()).replaceAll('ς', 'σ');
}

const plain = (text: string): string => text.normalize('NFKD').replaceAll(MARKS, '');

/** Returns the different folded words of some texts, sorted; a word over 128 UTF-16 units is cut. */
export function foldedWords(...texts: (string | null | undefined)[]): string[] {
  const words = texts.flatMap((text) => fold(text ?? '').match(WORD) ?? []);
  return [...new Set(words.map(cut))].toSorted();
}

/** Whether every word that is asked for begins one of the folded words. */
export const hasWords = (words: readonly string[], asked: readonly string[]): boolean =>
  asked.every((prefix) => words.some((word) => word.startsWith(prefix)));

const cut = (word: string): string => word.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, '');
