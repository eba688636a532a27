import * as z from 'zod/mini';

export const statuses = ['queued', 'sent', 'failed', 'cancelled'] as const;

/** What the address bar holds of the list. */
export const emailsSearch = z.object({
  status: z.catch(z.optional(z.enum(statuses)), undefined),
  to: z.catch(z.optional(z.string()), undefined),
});

export type EmailsSearch = z.output<typeof emailsSearch>;
