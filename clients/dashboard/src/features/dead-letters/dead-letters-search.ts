import * as z from 'zod/mini';

/** What the address bar holds of the list. */
export const deadLettersSearch = z.object({ consumer: z.catch(z.optional(z.string()), undefined) });
