import * as z from 'zod';

/** Messages to the process of the readers. */
export const order = z.discriminatedUnion('do', [
  z.object({ do: z.literal('open'), port: z.int(), tokens: z.array(z.string()), perUser: z.int() }),
  z.object({ do: z.literal('report') }),
]);

export type Order = z.output<typeof order>;

export const opened = z.object({ opened: z.int() });

/** `at` is by the clock that all processes of a machine share, in milliseconds. */
export const report = z.object({
  open: z.int(),
  arrivals: z.array(z.object({ itemId: z.string(), at: z.number() })),
});

export type Arrival = z.output<typeof report>['arrivals'][number];

export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;
