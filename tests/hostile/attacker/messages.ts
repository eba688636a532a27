import * as z from 'zod';

export const armed = z.object({
  name: z.string(),
  arms: z.object({
    api: z.string(),
    from: z.string(),
    email: z.string(),
    password: z.string(),
    others: z.array(z.object({ email: z.string(), password: z.string() })),
    token: z.string(),
    itemId: z.string(),
  }),
});

export const tally = z.object({ sent: z.number(), heard: z.record(z.string(), z.number()) });

export type Tally = z.output<typeof tally>;
