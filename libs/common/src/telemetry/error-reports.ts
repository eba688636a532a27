/** What is told of an unexpected error beside the error itself; nothing that a caller sent. */
export type Circumstances = {
  request_id?: string | undefined;
  user_id?: string | undefined;
  method?: string | undefined;
  /** The route's template. */
  route?: string | undefined;
  trace_id?: string | undefined;
  span_id?: string | undefined;
};

/** Tells operators elsewhere of errors that nobody expected. */
export type ErrorReports = {
  /** Never throws, and waits for nothing. */
  report(err: unknown, level: 'error' | 'fatal', circumstances?: Circumstances): void;
  /** Waits until all is sent, for 2 s at most. Never rejects. */
  flush(): Promise<void>;
};

/** What stands in place of reports while they are off. */
export const noReports: ErrorReports = { report() {}, flush: async () => {} };
