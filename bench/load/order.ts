import * as z from 'zod';

const request = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
});

export const order = z.object({
  url: z.string(),
  connections: z.number(),
  /** The nth connection repeats the nth of these plans. */
  plans: z.array(z.array(request)),
  /** The load ends after this time, or after so many answers. */
  until: z.union([z.object({ seconds: z.number() }), z.object({ answers: z.number() })]),
});

export const outcome = z.object({
  requests: z.number(),
  /** The rate is in requests per second. */
  rate: z.number(),
  p50: z.number(),
  p99: z.number(),
});

export const done = z.union([outcome, z.object({ failure: z.string() })]);

export type LoadRequest = z.output<typeof request>;
export type Order = z.output<typeof order>;
export type Outcome = z.output<typeof outcome>;
