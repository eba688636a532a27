import * as z from 'zod/mini';

export const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', 'email', '-email'] as const;
const flag = z.catch(z.optional(z.boolean()), undefined);

/** What the address bar holds of the list: a link to it shows the same. */
export const usersSearch = z.object({
  q: z.catch(z.optional(z.string()), undefined),
  sort: z.catch(z.optional(z.enum(sorts)), undefined),
  active: flag,
  superuser: flag,
  verified: flag,
});

export type UsersSearch = z.output<typeof usersSearch>;
export type UsersSort = (typeof sorts)[number];
