import * as z from 'zod/mini';

export const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', 'title', '-title'] as const;
export type Sort = (typeof sorts)[number];
export const NEWEST_FIRST: Sort = '-created_at';

export const LONGEST_SEARCH = 100;

/** What of the list stands in the page's address; what does not fit is left out. */
export const itemsSearch = z.object({
  q: z.catch(
    z.optional(z.coerce.string().check(z.trim(), z.minLength(1), z.maxLength(LONGEST_SEARCH))),
    undefined,
  ),
  sort: z.catch(z.optional(z.enum(sorts)), undefined),
  owner: z.catch(z.optional(z.literal('mine')), undefined),
});

export type ItemsSearch = z.output<typeof itemsSearch>;
