/** A report never holds input. */
export type Circumstances = {
  request_id?: string | undefined;
  user_id?: string | undefined;
  method?: string | undefined;
  /** It is the route's template. */
  route?: string | undefined;
  trace_id?: string | undefined;
  span_id?: string | undefined;
};

export type ErrorReports = {
  /** It never throws, and waits for nothing. */
  report(err: unknown, level: 'error' | 'fatal', circumstances?: Circumstances): void;
  /** It waits for at most 2 s until all reports are sent, and never rejects. */
  flush(): Promise<void>;
};

export const noReports: ErrorReports = { report() {}, flush: async () => {} };
