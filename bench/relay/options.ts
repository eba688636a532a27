import { readOptions, wholeNumber } from '../../tools/command-line.ts';

export type Options = { events: number; seconds: number; help: boolean };

export const usage = `Usage: npm run bench:relay [-- options]

Measures what a backlog of events costs the requests of items while it drains, as a ratio to the same process without one
in the same run, and how much memory it takes. Everything runs as processes of their own, on engines of their own.

  --events N     events that wait, 10 a document (100000)
  --seconds N    length of each of the eight measurements (15)
  --help         this text

Exit code: 0 when all was measured, 1 when something failed, 2 for a wrong command line, 130 after Ctrl-C.`;

/** @throws {UsageError} for a wrong command line */
export function parseOptions(argv: string[]): Options {
  const { help, events, seconds } = readOptions(argv, {
    events: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '15' },
  });
  return {
    help,
    events: wholeNumber('--events', events, 10, 10_000_000),
    seconds: wholeNumber('--seconds', seconds, 1, 600),
  };
}
