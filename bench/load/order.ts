import * as z from 'zod';

const request = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
});

/** What the load process is to send. */
export const order = z.object({
  url: z.string(),
  connections: z.number(),
  /** Each connection goes through one of these again and again, the nth through the nth. */
  plans: z.array(z.array(request)),
  /** Until this time is over, or so many have been answered. */
  until: z.union([z.object({ seconds: z.number() }), z.object({ answers: z.number() })]),
});

/** What became of it: all were answered with success. */
export const outcome = z.object({
  requests: z.number(),
  /** Requests a second. */
  rate: z.number(),
  p50: z.number(),
  p99: z.number(),
});

export const done = z.union([outcome, z.object({ failure: z.string() })]);

export type LoadRequest = z.output<typeof request>;
export type Order = z.output<typeof order>;
export type Outcome = z.output<typeof outcome>;
