/** The headers of W3C Trace Context. */
export type TraceHeaders = { traceparent?: string | undefined; tracestate?: string | undefined };

/** A span’s attributes: words and numbers, never an address, a query or input. */
export type SpanFields = Record<string, string | number | undefined>;

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** One piece of work in a trace. */
export type Span = {
  /** Runs work, awaited work too, inside this span: what it starts and logs belongs to the span. */
  run<T>(work: () => T): T;
  rename(name: string): void;
  set(fields: SpanFields): void;
  /** Marks the span as failed. Only an error’s name is kept: its text may hold input. */
  fail(reason: unknown): void;
  end(): void;
  /** The headers that continue the trace in another process; none while tracing is off. */
  headers(): TraceHeaders;
};

/** Creates spans. */
export type Tracing = {
  isOn: boolean;
  /** @param options.parent the span goes on with this trace, rather than with the span that is running here */
  begin(name: string, options: { kind: SpanKind; parent?: TraceHeaders; fields?: SpanFields }): Span;
  /** The span that is running here. */
  active(): Span | undefined;
  /** The ids of the span that is running here, as log lines have them. */
  ids(): { trace_id?: string; span_id?: string };
  /** Runs work outside any trace. */
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

/** Tracing that is off. */
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
