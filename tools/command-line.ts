import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigError } from '@quartet/common/config/config.ts';
import { StackError } from './stack/errors.ts';
import { listenForStop } from './stack/stop-signals.ts';

/** The command line is wrong; the user sees a hint at `--help`, and the exit code is 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Reads the options of a command by the rules of `parseArgs`. @throws {UsageError} when they are wrong */
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

/** @throws {UsageError} when the text is no whole number from `least` to `most` */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}, not "${text}"`);
}

const INTERRUPTED = 130;

export type Command<T extends { help?: boolean | undefined }> = {
  usage: string;
  parseOptions(argv: string[]): T;
  /** The signal aborts on Ctrl-C; a second Ctrl-C ends the process at once. */
  run(options: T, signal: AbortSignal): Promise<number>;
  interrupted?: string;
};

/** Runs a command. The exit code is 2 for a wrong command line and 130 after Ctrl-C. */
export async function runCommand<T extends { help?: boolean | undefined }>(
  name: string,
  { usage, parseOptions, run, interrupted }: Command<T>,
): Promise<void> {
  const stop = listenForStop(process, () => process.exit(INTERRUPTED));
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) console.log(usage);
    else process.exitCode = await run(options, stop.signal);
  } catch (err) {
    if (stop.signal.aborted) {
      console.error(interrupted ?? 'interrupted; everything that was started has ended');
      process.exitCode = INTERRUPTED;
    } else if (err instanceof UsageError) {
      console.error(`${err.message}\nSee npm run ${name} -- --help`);
      process.exitCode = 2;
    } else if (err instanceof ConfigError || err instanceof StackError) {
      console.error(err.message);
      process.exitCode = 1;
    } else {
      throw err;
    }
  } finally {
    stop.release();
  }
}
