import { readOptions, UsageError } from '../command-line.ts';

export const usage = `Usage: npm run pictures -- [options]

Starts a stack with sample data, and makes pictures of the dashboard's main pages, light and dark. Chromium must be there.

  --out DIR   folder of the pictures (docs/pictures)
  --help      this text

Exit code: 0 when all pictures are made, 1 when one is not, 2 for a wrong command line, 130 after Ctrl-C.`;

export type PicturesOptions = ReturnType<typeof parseArguments>;

export function parseArguments(argv: string[]) {
  const asked = readOptions(argv, { out: { type: 'string', default: 'docs/pictures' } });
  if (asked.out === '') throw new UsageError('--out needs a folder');
  return asked;
}
