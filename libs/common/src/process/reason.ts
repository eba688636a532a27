const DEEPEST = 5;

/**
 * What failed, in one line: of an error that only wraps others (`AggregateError`, `fetch failed`) what is inside as well,
 * each reason once.
 */
export function reasonOf(err: unknown, depth = 0): string {
  const inner = err instanceof AggregateError ? err.errors : causeOf(err);
  const reasons = depth < DEEPEST ? [...new Set(inner.map((one: unknown) => reasonOf(one, depth + 1)))] : [];
  if (reasons.length === 0) return String(err);
  const within = reasons.join('; ');
  // "All promises were rejected" tells nothing.
  return err instanceof AggregateError ? within : `${String(err)}: ${within}`;
}

const causeOf = (err: unknown): unknown[] =>
  err instanceof Error && err.cause !== undefined && err.cause !== null ? [err.cause] : [];
