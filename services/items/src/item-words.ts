import { foldedWords } from '@quartet/common/lists/folded-words.ts';

/** What `q` is looked for in. */
export const wordsOf = ({ title, description }: { title: string; description: string | null }): string[] =>
  foldedWords(title, description);
