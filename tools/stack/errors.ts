/** Something for the person who started the stack: shown without a stack trace, exit code 1. */
export class StackError extends Error {
  override name = 'StackError';
}
