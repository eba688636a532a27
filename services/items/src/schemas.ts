import { text, unchangedIfNull } from '@quartet/common/http/fields.ts';
import * as z from 'zod';
import type { Item } from './item-store.ts';

const title = text({ min: 1, max: 255 });
const description = text({ max: 255 }).nullish();

export const itemPublic = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  owner_id: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

export type ItemPublic = z.output<typeof itemPublic>;

export const itemsPublic = z.object({ data: z.array(itemPublic), count: z.int() });

export const itemCreate = z.object({ title, description: description.transform((value) => value ?? null) });

export const itemUpdate = z.object({ title: unchangedIfNull(title), description });

export const message = z.object({ message: z.string() });

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
