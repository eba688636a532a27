/** Where a trace came from, as W3C Trace Context's headers say it. */
export type TraceHeaders = { traceparent?: string | undefined; tracestate?: string | undefined };

/** What a span says of itself: a few words and numbers, never an address, a query or anything that a caller sent. */
export type SpanFields = Record<string, string | number | undefined>;

/** Which side of a conversation a span is, in OpenTelemetry's words. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** One piece of work in a trace. */
export type Span = {
  /** Runs work so that what it begins, and what it logs, belongs to this span; awaited work too. */
  run<T>(work: () => T): T;
  rename(name: string): void;
  set(fields: SpanFields): void;
  /** The work did not succeed. Of an error only its name is told: its text may hold what a user typed. */
  fail(reason: unknown): void;
  end(): void;
  /** What carries the trace on to another process; nothing while tracing is off. */
  headers(): TraceHeaders;
};

/** Tells where the time of a request or an event went. */
export type Tracing = {
  isOn: boolean;
  /** @param options.parent the span goes on with this trace, rather than with the span that is running here */
  begin(name: string, options: { kind: SpanKind; parent?: TraceHeaders; fields?: SpanFields }): Span;
  /** The span that is running here. */
  active(): Span | undefined;
  /** The ids of the span that is running here, as log lines have them. */
  ids(): { trace_id?: string; span_id?: string };
  /** Runs work that belongs to nobody's trace. */
  outside<T>(work: () => T): T;
  /** Sends what has not been sent yet, for 2 s at most. Never rejects. */
  stop(): Promise<void>;
};

const noSpan: Span = {
  run: (work) => work(),
  rename() {},
  set() {},
  fail() {},
  end() {},
  headers: () => ({}),
};

/** What stands in place of tracing while it is off. */
export const noTracing: Tracing = {
  isOn: false,
  begin: () => noSpan,
  active: () => undefined,
  ids: () => ({}),
  outside: (work) => work(),
  stop: async () => {},
};

/** Runs work as a span of its own, which ends with it. Throws what the work throws. */
export async function inSpan<T>(
  tracing: Tracing,
  name: string,
  options: Parameters<Tracing['begin']>[1],
  work: (span: Span) => Promise<T>,
): Promise<T> {
  if (!tracing.isOn) return work(noSpan);
  const span = tracing.begin(name, options);
  try {
    return await span.run(() => work(span));
  } catch (err) {
    span.fail(err);
    throw err;
  } finally {
    span.end();
  }
}
