/** The command line is wrong: shown with a hint at `--help`, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Something that the person who started the stack has to know or mend; shown without a stack trace, exit code 1. */
export class StackError extends Error {
  override name = 'StackError';
}
