/** Something that the person who started the stack has to know or mend; shown without a stack trace, exit code 1. */
export class StackError extends Error {
  override name = 'StackError';
}
