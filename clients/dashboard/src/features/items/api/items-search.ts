export const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', 'title', '-title'] as const;
export type Sort = (typeof sorts)[number];
export const NEWEST_FIRST: Sort = '-created_at';

export const LONGEST_SEARCH = 100;

export type ItemsSearch = { q?: string; sort?: Sort; owner?: 'mine' };

/** Reads what of the list stands in the page's address; what does not fit is left out. */
export function itemsSearch({ q, sort, owner }: Record<string, unknown>): ItemsSearch {
  const text = typeof q === 'string' || typeof q === 'number' ? String(q).trim() : '';
  const known = sorts.find((each) => each === sort);
  return {
    ...(text !== '' && [...text].length <= LONGEST_SEARCH && { q: text }),
    ...(known && { sort: known }),
    ...(owner === 'mine' && { owner }),
  };
}
