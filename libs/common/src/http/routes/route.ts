import type * as z from 'zod';
import type { AppError } from '../../errors.ts';
import type { Log } from '../../process/logging.ts';
import type { Access, Caller } from '../../tokens/caller.ts';

/** What a route may answer; HEAD comes with GET. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An answer with headers of its own. */
export class Reply {
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(body: unknown, headers: Record<string, string> = {}) {
    this.body = body;
    this.headers = headers;
  }
}

/** What a handler gets: checked input, nothing of Express. */
export type RouteRequest<A extends Access, P extends string, Q, B> = {
  caller: A extends 'anyone' ? undefined : Caller;
  /** The caller’s Authorization header, for calls on the caller’s behalf; empty when there is none. */
  authorization: string;
  params: Record<P, string>;
  query: Q;
  body: B;
  /**
   * The caller’s network address: the socket’s, or the one that a trusted proxy forwards. Computed on first use.
   */
  address: string;
  /** Aborted when the caller has gone. */
  gone: AbortSignal;
  requestId: string;
  traceparent: string | undefined;
  log: Log;
};

/**
 * A path parameter. Without a `format` it takes any text; what does not fit its format is a 400 with the `detail`. A handler
 * that looks for what is longer than `maxLength` code points finds nothing: it is given as much of it as is too long.
 */
export type ParamRule = {
  description: string;
  example: string;
  maxLength: number;
  format?: { pattern: RegExp; detail: string };
};

/** What a success looks like. */
export type AnswerRule<R> = {
  status?: 200 | 201;
  schema: z.ZodType<R>;
  /** An answer that fits the schema, where the schema’s first example is not enough. */
  example?: R;
  /** For a body that is text already; else it is made JSON. */
  mediaType?: 'text/html; charset=utf-8' | 'application/json';
  /** Its own headers, with their descriptions. */
  headers?: Record<string, string>;
};

/** A route: the one value by which it is served and described. */
export type RouteDeclaration<A extends Access, P extends string, Q, B, R> = {
  method: Method;
  /** Below the service's prefix; parameters in braces. */
  path: string;
  access: A;
  /** `tag-name`, as FastAPI makes its operation ids. */
  operationId: string;
  summary: string;
  /** What a caller should know beyond the summary; CommonMark. */
  description: string;
  params?: Record<P, ParamRule>;
  query?: z.ZodType<Q>;
  /** The JSON body, or with `form: true` the urlencoded form. */
  body?: z.ZodType<B>;
  form?: boolean;
  answer: AnswerRule<R>;
  /** What its handler may refuse with, beyond what follows from access, params, query and body. */
  refusals?: readonly (() => AppError)[];
  handler(request: RouteRequest<A, P, Q, B>): Promise<R | Reply>;
};

/** A route whose input types have been settled; what `serveRoutes` takes. */
export type Route = RouteDeclaration<Access, string, unknown, unknown, unknown>;

/** Declares a route, its handler's types following from its schemas. */
export function route<A extends Access, P extends string = never, Q = undefined, B = undefined, R = unknown>(
  declaration: RouteDeclaration<A, P, Q, B, R>,
): Route {
  // The one cast: serveRoutes hands each handler exactly what its own schemas produced.
  return declaration as unknown as Route;
}

/**
 * What the gateway must know of a route. It checks the formats of path parameters itself: they come before the body, which
 * it reads before it asks a service. `pattern` is the source of a regular expression.
 */
export type RouteSummary = Pick<Route, 'method' | 'path' | 'access'> & {
  formats?: Record<string, { pattern: string; detail: string }> | undefined;
};

/** The {@link RouteSummary} of a route. */
export function summaryOf({ method, path, access, params = {} }: Route): RouteSummary {
  const formats = Object.entries(params).flatMap(([name, { format }]) =>
    format ? [[name, { pattern: format.pattern.source, detail: format.detail }] as const] : [],
  );
  return { method, path, access, formats: Object.fromEntries(formats) };
}
