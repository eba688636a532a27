import { boundedString } from '@quartet/common/http/input/bounds.ts';
import { filter, intFault, report } from '@quartet/common/http/input/fields.ts';
import * as z from 'zod';

const RULE = { min: 0, max: Number.MAX_SAFE_INTEGER };
const MOST_DIGITS = 4_300;
const MOST_TICKET = 100;
export const EXAMPLE_TICKET = 'Zx0kC6a1mZq5v8d2u4s7w9y0A1b2C3d4E5f6G7h8I9j';

/** No text means no id, as in a header that a browser leaves out (HTML, 9.2.3). */
const sequence = () =>
  boundedString((ctx) => {
    if (ctx.value.length > MOST_DIGITS) report(ctx, intFault('', RULE));
  })
    .optional()
    .meta({
      type: 'integer',
      minimum: RULE.min,
      description: 'Continue after the event with this `id`',
      example: 4711,
    })
    .transform((value, ctx) => {
      if (value === undefined || value === '') return undefined;
      const broken = intFault(value, RULE);
      if (broken === undefined) return Number(value);
      report(ctx, broken);
      return z.NEVER;
    });

export const liveQuery = z.object({
  last_event_id: sequence(),
  ticket: filter({ max: MOST_TICKET })
    .optional()
    .meta({ description: 'In place of a token', example: EXAMPLE_TICKET }),
});

export const liveHeaders = z.object({ 'last-event-id': sequence() });
