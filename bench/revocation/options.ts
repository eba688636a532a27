import { parseArgs } from 'node:util';

/** What a run was asked for. */
export type Options = { rounds: number; replicas: number; help: boolean };

/** The command line is wrong. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export const usage = `Usage: npm run bench:revocation [-- options]

Measures how soon a logout is refused on every replica, what a token check costs as a ratio to none, and how much memory
a million revocations take. Everything runs as processes of their own, on engines of their own.

  --rounds N    logouts (200)
  --replicas N  items processes that are asked (8)
  --help        this text

Exit code: 0 when all was measured, 1 when something failed, 2 for a wrong command line, 130 after Ctrl-C.`;

/** @throws {UsageError} */
export function parseOptions(argv: string[]): Options {
  const { help, rounds, replicas } = parse(argv);
  return {
    help,
    rounds: whole('--rounds', rounds, 1, 100_000),
    replicas: whole('--replicas', replicas, 1, 32),
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        rounds: { type: 'string', default: '200' },
        replicas: { type: 'string', default: '8' },
      },
    }).values;
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : String(err));
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}
