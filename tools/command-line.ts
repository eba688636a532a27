import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigError } from '@quartet/common/config/config.ts';

/** The command line is wrong: shown with a hint at `--help`, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * The values of a command’s options, by the rules of `parseArgs`; every command has `--help`, `-h`.
 * @throws {UsageError} for what is no option, or an option without its value
 */
export function readOptions<const T extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: T,
) {
  try {
    return parseArgs({ args, options: { ...options, ...HELP } }).values;
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : String(err));
  }
}

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const;

/**
 * The value of an option that takes a whole number.
 * @throws {UsageError} when it is none, or out of bounds
 */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}, not "${text}"`);
}

const INTERRUPTED = 130;

/** What a long command does: `run` returns its exit code. */
export type Command<T extends { help?: boolean | undefined }> = {
  usage: string;
  /** @throws {UsageError} */
  parseOptions(argv: string[]): T;
  /** @param signal aborts on Ctrl-C */
  run(options: T, signal: AbortSignal): Promise<number>;
};

/**
 * Runs a command, or says what it does when asked for help. A wrong command line is 2; Ctrl-C is 130 once `run` has ended
 * for that.
 * @param name as `npm run` knows it
 */
export async function runCommand<T extends { help?: boolean | undefined }>(
  name: string,
  { usage, parseOptions, run }: Command<T>,
): Promise<void> {
  const interrupted = new AbortController();
  for (const stop of ['SIGINT', 'SIGTERM'] as const) process.on(stop, () => interrupted.abort());
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) console.log(usage);
    else process.exitCode = await run(options, interrupted.signal);
  } catch (err) {
    if (interrupted.signal.aborted) {
      console.error('interrupted; everything that was started has ended');
      process.exitCode = INTERRUPTED;
    } else if (err instanceof UsageError) {
      console.error(`${err.message}\nSee npm run ${name} -- --help`);
      process.exitCode = 2;
    } else if (err instanceof ConfigError) {
      console.error(err.message);
      process.exitCode = 1;
    } else {
      throw err;
    }
  }
}
