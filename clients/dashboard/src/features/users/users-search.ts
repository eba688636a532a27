export const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', 'email', '-email'] as const;
export type UsersSort = (typeof sorts)[number];

/** What the address bar holds of the list: a link to it shows the same. */
export type UsersSearch = {
  q?: string | undefined;
  sort?: UsersSort | undefined;
  active?: boolean | undefined;
  superuser?: boolean | undefined;
  verified?: boolean | undefined;
};

const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** Without zod, which the first page does not load. */
export const usersSearch = ({ q, sort, ...flags }: Record<string, unknown>): UsersSearch => ({
  q: typeof q === 'string' || typeof q === 'number' ? String(q) : undefined,
  sort: sorts.find((each) => each === sort),
  active: flag(flags.active),
  superuser: flag(flags.superuser),
  verified: flag(flags.verified),
});
