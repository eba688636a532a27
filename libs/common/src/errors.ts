/** A 422 answer has FastAPI's shape. */
export type ValidationDetail = {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
};

/** Only `http/app.ts` maps faults to HTTP statuses. */
export type Fault =
  | 'bad-request'
  | 'not-authenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'precondition-failed'
  | 'too-large'
  | 'invalid'
  | 'too-many'
  | 'unavailable';

/** `detail` is shown to the caller as it is. */
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

/** Makes a 400: the request names something that cannot exist. */
export const badRequest = (detail: string) => new AppError('bad-request', detail);
/** Makes a 403: the caller may not do this. */
export const forbidden = (detail: string) => new AppError('forbidden', detail);
/** Makes a 404: the thing does not exist. */
export const notFound = (detail: string) => new AppError('not-found', detail);
/** Makes a 409: something that exists prevents this. */
export const conflict = (detail: string) => new AppError('conflict', detail);
/** Makes a 412: the thing is not as the caller's conditions want it (RFC 9110, 15.5.13). */
export const preconditionFailed = () => new AppError('precondition-failed', 'Precondition failed');
/** Makes a 422 with one detail for each field at fault. */
export const invalid = (details: ValidationDetail[]) => new AppError('invalid', details);

/** Makes a 401 with the challenge that RFC 6750 requires. */
export const notAuthenticated = () =>
  new AppError('not-authenticated', 'Not authenticated', { 'WWW-Authenticate': 'Bearer' });

/** Makes a 429: the caller may ask again after `retryAfterSeconds`, rounded up. */
export const tooManyRequests = (retryAfterSeconds = 1) =>
  new AppError('too-many', 'Too many requests', {
    'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds))),
  });

/** Makes a 503: the caller may ask again after `retryAfterSeconds`. */
export const unavailable = (detail = 'Service unavailable', retryAfterSeconds = 1) =>
  new AppError('unavailable', detail, { 'Retry-After': String(retryAfterSeconds) });

/** Makes a 405; `methods` are those that the path allows. */
export const methodNotAllowed = (methods: string[]) =>
  new AppError('method-not-allowed', 'Method Not Allowed', { Allow: methods.join(', ') });

const DEEPEST = 5;

/** Says what failed in one line, with the causes inside errors that wrap others, each reason once. */
export function reasonOf(err: unknown, depth = 0): string {
  const inner = err instanceof AggregateError ? err.errors : causeOf(err);
  const reasons = depth < DEEPEST ? [...new Set(inner.map((one: unknown) => reasonOf(one, depth + 1)))] : [];
  if (reasons.length === 0) return String(err);
  const within = reasons.join('; ');
  // The text "All promises were rejected" is no reason.
  return err instanceof AggregateError ? within : `${String(err)}: ${within}`;
}

const causeOf = (err: unknown): unknown[] =>
  err instanceof Error && err.cause !== undefined && err.cause !== null ? [err.cause] : [];
