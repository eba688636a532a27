const WORD = /[\p{L}\p{N}]+/gu;
const MARKS = /\p{M}+/gu;
/** Of a longer word the rest does not count, so that no index entry becomes long. It is more than a query has. */
const LONGEST = 128;

/**
 * Brings text into the form in which it is searched: compatibility characters as their plain ones, without case and without
 * diacritics (Unicode NFKD without marks). Full case folding is that of upper and then lower case, which makes `ß` and `ẞ` `ss`,
 * a final sigma a sigma, and the Turkish `İ` and `ı` an `i`.
 */
export function fold(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(MARKS, '');
  const folded = plain.toUpperCase().normalize('NFKD').replaceAll(MARKS, '').toLowerCase();
  // Lower case depends on the neighbours for the sigma alone.
  return folded.normalize('NFKD').replaceAll(MARKS, '').replaceAll('ς', 'σ');
}

/** Returns the different folded words of some texts, sorted; a word over 128 UTF-16 units is cut. */
export function foldedWords(...texts: (string | null | undefined)[]): string[] {
  const words = texts.flatMap((text) => fold(text ?? '').match(WORD) ?? []);
  return [...new Set(words.map(cut))].toSorted();
}

/** Whether every word that is asked for begins one of the folded words. */
export const hasWords = (words: readonly string[], asked: readonly string[]): boolean =>
  asked.every((prefix) => words.some((word) => word.startsWith(prefix)));

const cut = (word: string): string => word.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, '');
