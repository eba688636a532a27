import { expect, test } from 'vitest';
import { allFiles, textOf } from './markdown.ts';

/** Each has a plainer word: "again", "anyone who", "gets an e-mail", "in flight", "walks through". */
const PHRASES = [
  'anew',
  'whoever',
  'is told',
  'was told',
  'in hand',
  'has its turn',
  'have their turn',
  'goes round',
  'those of before',
  'that of before',
  'lanes?',
  'bury|buried|burials?',
  'strikes?',
  'tellings?',
  'spared',
  'announces (its|a|the) routes?',
];

/** Generated files, the phrases themselves, and descriptions that published schemas of events contain. */
const EXEMPT = [
  /^clients\/typescript\/src\//,
  /^tests\/document\/words\.test\.ts$/,
  /^libs\/common\/src\/events\/contracts\.ts$/,
];

/** A phrase may continue in the next line, also in a comment. */
const forbidden = new RegExp(
  `(?<![\\w-])(${PHRASES.join('|').replaceAll(' ', '\\s+(?:(?:\\/\\/|\\*)\\s+)?')})(?![\\w-])`,
  'gi',
);

const phrasesIn = (text: string): string[] =>
  [...text.matchAll(forbidden)].map(
    ({ 0: phrase, index }) => `${text.slice(0, index).split('\n').length}: ${phrase.replaceAll(/\s+/g, ' ')}`,
  );

test('given a text with such phrases, then each is found with its line, also over two lines', () => {
  expect(
    phrasesIn('It starts\nAnew. // What it has in\n  // hand.\nA canewood, renewed in handy ways.'),
  ).toEqual(['2: Anew', '2: in // hand']);
});

test('given our code and documents, then they use plain words', () => {
  const files = allFiles.filter(
    (file) => /\.(ts|md)$/.test(file) && !EXEMPT.some((exempt) => exempt.test(file)),
  );
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap((file) => phrasesIn(textOf(file)).map((found) => `${file}:${found}`))).toEqual([]);
});
