import * as z from 'zod';
import { filter, pageQuery, text } from '../http/input/fields.ts';
import { valueError } from '../http/input/format-wording.ts';
import { foldedWords } from './folded-words.ts';

const LONGEST_CURSOR = 8_192;
const MOST_ASKED = 100;

const refused = (error: string) => {
  const params = valueError(error);
  return { error: params.msg, params };
};

const cursor = filter({ max: LONGEST_CURSOR }).meta({
  description:
    'The `next_cursor` of the page before. `sort`, `q` and the filters must be those of that page; `limit` may change, and `skip` must be 0.',
  example: 'wxNLkV4vVt3mB1QyW3sibXMiOjE3',
});

/** Makes the field of a list's answer that continues the list. */
export const nextCursorField = z
  .string()
  .nullable()
  .meta({
    description:
      'Continues the list behind this page, whatever is written meanwhile; null when nothing follows',
    examples: [null],
  });

/**
 * Makes the schema of a list's query: `skip`, `limit`, `cursor`, `sort` (the first of `sorts` by default), `q` and the list's own
 * filters. `searched` names the fields in which `q` is looked for.
 */
export function listQuery<S extends string, F extends z.ZodRawShape>(
  sorts: readonly [S, ...S[]],
  { searched, example, filters }: { searched: string; example: string; filters: F },
) {
  const sort = z.enum(sorts).default(sorts[0]).meta({
    description:
      '`-` means descending. Equal ones are sorted by id, in the same direction; text by its code points, as it is stored.',
    example: sorts[0],
  });
  const q = text({ min: 1, max: MOST_ASKED })
    .refine((value) => foldedWords(value).length > 0, refused('q has no word in it'))
    .optional()
    .meta({
      description: `Each word of it must begin a word of ${searched}. Case and diacritics do not count.`,
      example,
    });
  const fields = z.object({ ...pageQuery.shape, cursor: cursor.optional(), sort, q, ...filters });
  const skipsNothing = ({ cursor, skip }: { cursor?: unknown; skip?: unknown }) =>
    cursor === undefined || skip === 0;
  return fields.refine((query) => skipsNothing(query as { cursor?: unknown; skip?: unknown }), {
    path: ['skip'],
    ...refused('skip must be 0 with a cursor'),
  });
}

/** What {@link listQuery} reads, without the list's own filters. */
export type ListQuery = {
  skip: number;
  limit: number;
  cursor?: string | undefined;
  sort: string;
  q?: string | undefined;
};
