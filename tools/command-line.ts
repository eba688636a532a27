import { type ParseArgsConfig, parseArgs } from 'node:util';

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
