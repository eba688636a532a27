import { expect, test } from 'vitest';
import { fold, foldedWords, hasWords } from './folded-words.ts';

test.each([
  ['Zürich', 'zurich'],
  ['Zu\u0308rich', 'zurich'],
  ['STRASSE', 'strasse'],
  ['Straße', 'strasse'],
  ['STRAẞE', 'strasse'],
  ['İSTANBUL', 'istanbul'],
  ['ıstanbul', 'istanbul'],
  ['ﬁne ﬃ', 'fine ffi'],
  ['Ｗｉｄｅ', 'wide'],
  ['ΣΊΣΥΦΟΣ', 'σισυφοσ'],
  ['σίσυφος', 'σισυφοσ'],
  ['Ǆ ǅ', 'dz dz'],
  ['x²', 'x2'],
  ['𝔐𝔦𝔩𝔠𝔥', 'milch'],
  ['Ærø', 'ærø'],
  ['한글', '한글'.normalize('NFKD')],
  // Iota below a letter is a mark; capitals write it beside the letter.
  ['ᾳ', 'α'],
])('given %s, then it is folded to %s, and that to itself', (text, folded) => {
  expect(fold(text)).toBe(folded);
  expect(fold(folded)).toBe(folded);
});

test('given every character, then a second fold changes nothing, and its upper and lower case fold alike', () => {
  const broken: string[] = [];
  for (let code = 0; code <= 0x2fa1f; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const once = fold(character);
    const isSameInCapitals =
      character.normalize('NFD').includes('\u0345') || fold(character.toUpperCase()) === once;
    if (fold(once) !== once || !isSameInCapitals) broken.push(code.toString(16));
  }
  expect(broken).toEqual([]);
});

test('given texts, then their words are split at all but letters and digits, and each is there once', () => {
  expect(foldedWords('Milk, milk-jug (2 l)', null, undefined, '$where .* é_e')).toEqual(
    ['2', 'e', 'jug', 'l', 'milk', 'where'].toSorted(),
  );
  expect(foldedWords(' .*$ \u0301 —')).toEqual([]);
});

test('given the longest title and description, then the words are bounded in number and length', () => {
  const words = foldedWords(
    'a '.repeat(128),
    Array.from({ length: 128 }, (_, n) => String.fromCodePoint(0x4e00 + n)).join(' '),
  );
  expect(words).toHaveLength(129);
  const [long = ''] = foldedWords('𐐀'.repeat(255));
  expect(long).toBe('𐐨'.repeat(64));
  expect(foldedWords(`x${'𐐀'.repeat(255)}`)[0]?.isWellFormed()).toBe(true);
  expect(hasWords(foldedWords('x'.repeat(255)), foldedWords('x'.repeat(200)))).toBe(true);
});

test('given words, then each one that is asked for must begin one of them', () => {
  expect(hasWords(['milk', 'two'], ['mi', 'two'])).toBe(true);
  expect(hasWords(['milk', 'two'], ['mi', 'x'])).toBe(false);
  expect(hasWords(['milk'], ['milky'])).toBe(false);
});
