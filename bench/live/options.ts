import { readOptions, wholeNumber } from '../../tools/command-line.ts';

export type Options = { streams: number; perUser: number; rate: number; seconds: number; help: boolean };

export const usage = `Usage: npm run bench:live [-- options]

Opens streams of live updates at one gateway while items are written through it, and measures the memory of a stream and
the time from a write's answer to its event at every reader. Everything runs as processes of their own, on engines of their
own. It needs a limit of open files (ulimit -n) above the number of streams.

  --streams N   open streams (10000)
  --per-user N  streams of each user: so many readers get each event (10)
  --rate N      writes per second (100)
  --seconds N   how long (30)
  --help        this text

Exit code: 0 when all was measured, 1 when something failed, 2 for a wrong command line, 130 after Ctrl-C.`;

/** @throws {UsageError} for a wrong command line */
export function parseOptions(argv: string[]): Options {
  const { help, streams, rate, seconds, 'per-user': perUser } = parse(argv);
  return {
    help,
    streams: wholeNumber('--streams', streams, 1, 100_000),
    perUser: wholeNumber('--per-user', perUser, 1, 10_000),
    rate: wholeNumber('--rate', rate, 1, 10_000),
    seconds: wholeNumber('--seconds', seconds, 1, 3_600),
  };
}

const parse = (argv: string[]) =>
  readOptions(argv, {
    streams: { type: 'string', default: '10000' },
    'per-user': { type: 'string', default: '10' },
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '30' },
  });
