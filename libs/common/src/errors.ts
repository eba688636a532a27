/** One entry of a 422 answer, in FastAPI's shape. */
export type ValidationDetail = {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
};

/** What can go wrong for a caller's reason, or because a part is away. HTTP statuses are given in `http/errors.ts` alone. */
export type Fault =
  | 'bad-request'
  | 'not-authenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'too-large'
  | 'invalid'
  | 'too-many'
  | 'unavailable';

/** An expected failure; `detail` is shown to the caller as it is. */
export class AppError extends Error {
  override name = 'AppError';
  readonly fault: Fault;
  readonly detail: string | ValidationDetail[];
  readonly headers: Record<string, string>;

  constructor(fault: Fault, detail: string | ValidationDetail[], headers: Record<string, string> = {}) {
    super(typeof detail === 'string' ? detail : fault);
    this.fault = fault;
    this.detail = detail;
    this.headers = headers;
  }
}

/** The request names something that cannot be: 400. */
export const badRequest = (detail: string) => new AppError('bad-request', detail);
/** The caller may not do this: 403. */
export const forbidden = (detail: string) => new AppError('forbidden', detail);
/** There is no such thing: 404. */
export const notFound = (detail: string) => new AppError('not-found', detail);
/** Something else is in the way: 409. */
export const conflict = (detail: string) => new AppError('conflict', detail);
/** Fields of the request do not fit: 422, one detail for each. */
export const invalid = (details: ValidationDetail[]) => new AppError('invalid', details);

/** 401 with the challenge that RFC 6750 asks for. */
export const notAuthenticated = () =>
  new AppError('not-authenticated', 'Not authenticated', { 'WWW-Authenticate': 'Bearer' });

/** The caller has used up a limit, and may ask again after `retryAfterSeconds`, rounded up: 429. */
export const tooManyRequests = (retryAfterSeconds = 1) =>
  new AppError('too-many', 'Too many requests', {
    'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds))),
  });

/** The request may be repeated after `retryAfterSeconds`. */
export const unavailable = (detail = 'Service unavailable', retryAfterSeconds = 1) =>
  new AppError('unavailable', detail, { 'Retry-After': String(retryAfterSeconds) });

/** @param methods what the path does answer */
export const methodNotAllowed = (methods: string[]) =>
  new AppError('method-not-allowed', 'Method Not Allowed', { Allow: methods.join(', ') });

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
  // "All promises were rejected" is no reason.
  return err instanceof AggregateError ? within : `${String(err)}: ${within}`;
}

const causeOf = (err: unknown): unknown[] =>
  err instanceof Error && err.cause !== undefined && err.cause !== null ? [err.cause] : [];
