import { type ItemPublic, ItemsService, QuartetError } from '@quartet/client';
import { useMutation } from '@tanstack/react-query';
import { call } from '#lib/session.ts';
import { type ItemTexts, toBody } from './create-item.ts';
import { type RevisedItem, readItem } from './item.ts';
import { useItemsCache } from './items.ts';

/** `changed`: somebody else was faster, and nothing is written. */
export type Outcome = { saved: ItemPublic } | { changed: RevisedItem };

export function useUpdateItem(id: string) {
  const { replace } = useItemsCache();
  return useMutation({
    async mutationFn({ texts, etag }: { texts: ItemTexts; etag: string }): Promise<Outcome> {
      try {
        const body = toBody(texts);
        return {
          saved: await call(ItemsService.updateItem, { path: { id }, body, headers: { 'If-Match': etag } }),
        };
      } catch (err) {
        if (err instanceof QuartetError && err.status === 412) return { changed: await readItem(id) };
        throw err;
      }
    },
    onSuccess: (outcome) => replace('saved' in outcome ? outcome.saved : outcome.changed.value),
  });
}
