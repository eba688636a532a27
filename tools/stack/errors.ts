/** The launcher prints it without a stack trace and ends with exit code 1. */
export class StackError extends Error {
  override name = 'StackError';
}
