import type { ValidationError } from '../src/index.ts';

export type Detail = string | ValidationError[];

/** The API refused a request, or did not answer it. */
export class QuartetError extends Error {
  override readonly name = 'QuartetError';
  /** The HTTP status; undefined when there was no answer: `cause` says why. */
  readonly status: number | undefined;
  /** What the API says: a text, or the faults of the input for a 422. */
  readonly detail: Detail | undefined;
  /** When to ask again: for a 429, and a 503 of a service that comes back. */
  readonly retryAfterSeconds: number | undefined;
  /** By this the operators find the request in their logs. */
  readonly requestId: string | undefined;

  constructor(message: string, response?: Response, detail?: Detail, cause?: unknown) {
    super(message, { cause });
    this.status = response?.status;
    this.detail = detail;
    this.retryAfterSeconds = wholeSeconds(response?.headers.get('retry-after'));
    this.requestId = response?.headers.get('x-request-id') ?? undefined;
  }
}

/** `error` and `response` are what a call of the generated client returns. */
export function toQuartetError(error: unknown, response: Response | undefined): QuartetError {
  if (error instanceof QuartetError) return error;
  if (!response) return new QuartetError('The API did not answer', undefined, undefined, error);
  const detail = detailOf(error);
  const text = typeof detail === 'string' ? detail : detail?.map(inWords).join('; ');
  return new QuartetError(text || `The API answered ${response.status}`, response, detail, error);
}

/** Whether the same request may succeed in a moment. */
export const isTemporary = ({ status }: QuartetError): boolean => status === undefined || status >= 500;

function detailOf(body: unknown): Detail | undefined {
  if (typeof body !== 'object' || body === null || !('detail' in body)) return undefined;
  const { detail } = body;
  return typeof detail === 'string' || Array.isArray(detail) ? detail : undefined;
}

const inWords = ({ loc, msg }: ValidationError): string => `${loc.join('.')}: ${msg}`;

const wholeSeconds = (header: string | null | undefined): number | undefined =>
  header && /^\d+$/.test(header) ? Number(header) : undefined;
