import { ItemsService } from '@quartet/client';
import { useMutation } from '@tanstack/react-query';
import { call } from '#lib/session.ts';
import { useItemsCache } from './items.ts';

export type ItemTexts = { title: string; description: string };

/** Items that this page made are no news to it. */
export const ownItems = new Set<string>();

/** An empty description is none. */
export const toBody = ({ title, description }: ItemTexts) => ({ title, description: description || null });

export function useCreateItem() {
  const { reload } = useItemsCache();
  return useMutation({
    mutationFn: async (texts: ItemTexts) => {
      const item = await call(ItemsService.createItem, { body: toBody(texts) });
      ownItems.add(item.id);
      return item;
    },
    onSuccess: reload,
  });
}
