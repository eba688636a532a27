import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod';
import type { AppError } from '../../errors.ts';
import type { Log } from '../../process/logging.ts';
import type { Access, Caller } from '../../tokens/caller.ts';

/** A GET route also answers HEAD. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export class Reply {
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(body: unknown, headers: Record<string, string> = {}) {
    this.body = body;
    this.headers = headers;
  }
}

/** An answer that is one thing; its revision becomes the `ETag`. */
export class Revised<R> {
  readonly body: R;
  readonly revision: number | undefined;

  constructor(body: R, revision: number | undefined) {
    this.body = body;
    this.revision = revision;
  }
}

/** An answer that is written in parts: `begin` writes its head, or throws a refusal. */
export class StreamedReply {
  readonly begin: (res: ServerResponse) => void;

  constructor(begin: (res: ServerResponse) => void) {
    this.begin = begin;
  }
}

export type RouteRequest<A extends Access, P extends string, Q, B> = {
  caller: A extends 'anyone' ? undefined : Caller;
  /** It is empty when the caller sent no Authorization header. */
  authorization: string;
  params: Record<P, string>;
  query: Q;
  body: B;
  /** It is the socket's address, or the one that a trusted proxy forwards, and is computed on first use. */
  address: string;
  headers: IncomingHttpHeaders;
  /** It is the API's own origin as the caller reached it, and is computed on first use. */
  ownOrigin: string;
  /** It is aborted when the caller has gone. */
  gone: AbortSignal;
  /** A conditional route's write calls it with what it has read. @throws {AppError} 412 by the caller's conditions */
  checkRevision(revision: number | undefined): void;
  /** Checks the caller once more, for a write that has waited. @throws {AppError} as before the handler */
  stillAllowed(): Promise<void>;
  requestId: string;
  traceparent: string | undefined;
  log: Log;
};

/** Text that does not fit `format` is a 400 with `detail`; text over `maxLength` code points is cut. */
export type ParamRule = {
  description: string;
  example: string;
  maxLength: number;
  format?: { pattern: RegExp; detail: string };
};

export type AnswerRule<R> = {
  status?: 200 | 201;
  schema: z.ZodType<R>;
  /** The handler returns {@link Revised}, so that the answer has an `ETag`. */
  revised?: true;
  /** It replaces the schema's first example. */
  example?: R;
  /** A body with a media type is text; any other becomes JSON. */
  mediaType?: 'text/html; charset=utf-8' | 'application/json' | 'text/event-stream';
  /** The values are descriptions. */
  headers?: Record<string, string>;
};

export type RouteDeclaration<A extends Access, P extends string, Q, B, R> = {
  method: Method;
  /** It is below the service's prefix, with parameters in braces. */
  path: string;
  access: A;
  /** FastAPI builds it as `tag-name`. */
  operationId: string;
  summary: string;
  /** The text is CommonMark. */
  description: string;
  params?: Record<P, ParamRule>;
  query?: z.ZodType<Q>;
  /** It checks the headers of its fields' names, which are lower-case; the handler gets them as they were sent. */
  headers?: z.ZodType;
  /** It is JSON, or with `form: true` a urlencoded form. */
  body?: z.ZodType<B>;
  form?: boolean;
  answer: AnswerRule<R>;
  /** The path names one thing with a revision: `If-Match` and `If-None-Match` are obeyed (RFC 9110, 13.1). */
  conditional?: true;
  /** They add to the refusals that follow from access, params, query and body. */
  refusals?: readonly (() => AppError)[];
  /** It finds a caller by something else than a token; undefined leaves it to the token. @throws {AppError} */
  identify?(req: IncomingMessage): Promise<Caller | undefined>;
  handler(request: RouteRequest<A, P, Q, B>): Promise<R | Revised<R> | Reply | StreamedReply>;
};

export type Route = RouteDeclaration<Access, string, unknown, unknown, unknown>;

/** Declares a route, whose handler's types follow from its schemas. */
export function route<A extends Access, P extends string = never, Q = undefined, B = undefined, R = unknown>(
  declaration: RouteDeclaration<A, P, Q, B, R>,
): Route {
  // The cast is safe: serveRoutes gives each handler exactly what its own schemas produced.
  return declaration as unknown as Route;
}

/** The gateway checks formats itself, before it reads a body; `pattern` is a regular expression's source. */
export type RouteSummary = Pick<Route, 'method' | 'path' | 'access'> & {
  formats?: Record<string, { pattern: string; detail: string }> | undefined;
};

/** Returns the {@link RouteSummary} of a route. */
export function summaryOf({ method, path, access, params = {} }: Route): RouteSummary {
  const formats = Object.entries(params).flatMap(([name, { format }]) =>
    format ? [[name, { pattern: format.pattern.source, detail: format.detail }] as const] : [],
  );
  return { method, path, access, formats: Object.fromEntries(formats) };
}
