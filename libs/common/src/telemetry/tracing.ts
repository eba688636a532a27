/** W3C Trace Context defines these headers. */
export type TraceHeaders = { traceparent?: string | undefined; tracestate?: string | undefined };

/** Attributes never hold an address, a query or input. */
export type SpanFields = Record<string, string | number | undefined>;

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export type Span = {
  /** What the work starts and logs, also after an await, belongs to the span. */
  run<T>(work: () => T): T;
  rename(name: string): void;
  set(fields: SpanFields): void;
  /** Only an error's name is kept: its text may hold input. */
  fail(reason: unknown): void;
  end(): void;
  /** They continue the trace in another process; there are none while tracing is off. */
  headers(): TraceHeaders;
};

export type Tracing = {
  isOn: boolean;
  /** The span continues the trace of `parent` rather than that of the current span. */
  begin(name: string, options: { kind: SpanKind; parent?: TraceHeaders; fields?: SpanFields }): Span;
  active(): Span | undefined;
  ids(): { trace_id?: string; span_id?: string };
  outside<T>(work: () => T): T;
  /** It sends the remaining spans for at most 2 s, and never rejects. */
  stop(): Promise<void>;
};

/** It records nothing. */
export const noSpan: Span = {
  run: (work) => work(),
  rename() {},
  set() {},
  fail() {},
  end() {},
  headers: () => ({}),
};

export const noTracing: Tracing = {
  isOn: false,
  begin: () => noSpan,
  active: () => undefined,
  ids: () => ({}),
  outside: (work) => work(),
  stop: async () => {},
};

/** Runs work as a span of its own. @throws what the work throws */
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
