/** What is reported beside an unexpected error; never input. */
export type Circumstances = {
  request_id?: string | undefined;
  user_id?: string | undefined;
  method?: string | undefined;
  /** The route's template. */
  route?: string | undefined;
  trace_id?: string | undefined;
  span_id?: string | undefined;
};

/** Reports unexpected errors to operators. */
export type ErrorReports = {
  /** Never throws, and waits for nothing. */
  report(err: unknown, level: 'error' | 'fatal', circumstances?: Circumstances): void;
  /** Waits until all is sent, for 2 s at most. Never rejects. */
  flush(): Promise<void>;
};

/** Reports nothing. */
export const noReports: ErrorReports = { report() {}, flush: async () => {} };
