import { idText, text, unchangedIfNull } from '@quartet/common/http/input/fields.ts';
import { countField, idField, timeField } from '@quartet/common/http/routes/answers.ts';
import { listQuery, nextCursorField } from '@quartet/common/lists/list-query.ts';
import * as z from 'zod';
import type { Item } from './item-store.ts';

const title = text({ min: 1, max: 255 });
const description = text({ max: 255 }).nullish();

const created = { title: 'Milk', description: 'Two litres' };
const example = {
  ...created,
  id: '65f1c0ffee15600d5eed0a01',
  owner_id: '65f1c0ffee15600d5eed0001',
  created_at: '2026-11-22T10:00:00.000Z',
  updated_at: '2026-11-22T10:00:00.000Z',
};

export const itemPublic = z
  .object({
    id: idField,
    title: z.string(),
    description: z.string().nullable(),
    owner_id: idField,
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'ItemPublic', examples: [example] });

export type ItemPublic = z.output<typeof itemPublic>;

export const itemsPublic = z
  .object({ data: z.array(itemPublic), count: countField, next_cursor: nextCursorField })
  .meta({ id: 'ItemsPublic', examples: [{ data: [example], count: 1, next_cursor: null }] });

const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', 'title', '-title'] as const;

export const itemQuery = listQuery(sorts, {
  searched: 'the title or the description',
  example: 'milk',
  filters: {
    owner_id: idText.optional().meta({
      description: 'Only the items of this user; of other users, only a superuser finds any.',
      example: example.owner_id,
    }),
  },
});

export const itemCreate = z
  .object({ title, description: description.transform((value) => value ?? null) })
  .meta({ id: 'ItemCreate', examples: [created] });

export const itemUpdate = z
  .object({ title: unchangedIfNull(title), description })
  .meta({ id: 'ItemUpdate', examples: [{ description: 'Three litres' }] });

export function toItemPublic(item: Item): ItemPublic {
  return {
    id: item._id.toHexString(),
    title: item.title,
    description: item.description,
    owner_id: item.owner_id.toHexString(),
    created_at: item.created_at.toISOString(),
    updated_at: item.updated_at.toISOString(),
  };
}
