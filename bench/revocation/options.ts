import { readOptions, wholeNumber } from '../../tools/command-line.ts';

export type Options = { rounds: number; replicas: number; help: boolean };

export const usage = `Usage: npm run bench:revocation [-- options]

Measures how soon a logout is refused on every replica, what a token check costs as a ratio to none, and how much memory
a million revocations take. Everything runs as processes of their own, on engines of their own.

  --rounds N    logouts (200)
  --replicas N  items processes that are asked (8)
  --help        this text

Exit code: 0 when all was measured, 1 when something failed, 2 for a wrong command line, 130 after Ctrl-C.`;

/** @throws {UsageError} for a wrong command line */
export function parseOptions(argv: string[]): Options {
  const { help, rounds, replicas } = parse(argv);
  return {
    help,
    rounds: wholeNumber('--rounds', rounds, 1, 100_000),
    replicas: wholeNumber('--replicas', replicas, 1, 32),
  };
}

const parse = (argv: string[]) =>
  readOptions(argv, {
    rounds: { type: 'string', default: '200' },
    replicas: { type: 'string', default: '8' },
  });
