import { readOptions, wholeNumber } from '../../tools/command-line.ts';

export type Options = { rounds: number; seconds: number; help: boolean };

export const usage = `Usage: npm run bench:proxy [-- options]

Measures what one proxied GET costs in CPU time, as a ratio to a direct one in the same run: by the gateway, and by
http-proxy-middleware. Rounds alternate between them, and the least figure of each counts: noise only ever adds.

  --rounds N     rounds of each (5)
  --seconds N    length of a round (4)
  --help         this text

Exit code: 0 when all was measured, 1 when something failed, 2 for a wrong command line, 130 after Ctrl-C.`;

/** @throws {UsageError} for a wrong command line */
export function parseOptions(argv: string[]): Options {
  const { help, rounds, seconds } = readOptions(argv, {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
  });
  return {
    help,
    rounds: wholeNumber('--rounds', rounds, 1, 1_000),
    seconds: wholeNumber('--seconds', seconds, 1, 600),
  };
}
