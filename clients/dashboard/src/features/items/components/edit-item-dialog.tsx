import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { textOf } from '#lib/errors.ts';
import { useLive } from '#lib/live.ts';
import { common } from '#texts/common.ts';
import { itemsTexts } from '#texts/items.ts';
import type { ItemTexts } from '../api/create-item.ts';
import { isGone, openedItemQuery, type RevisedItem } from '../api/item.ts';
import { type Outcome, useUpdateItem } from '../api/update-item.ts';
import { ItemConflict } from './item-conflict.tsx';
import { ItemForm } from './item-form.tsx';

export function EditItemDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error } = useQuery(openedItemQuery(id));
  if (data) return <Editing opened={data} onClose={onClose} />;
  return (
    <Dialog title={itemsTexts.editItem} onClose={onClose}>
      {error ? (
        <div className="space-y-4">
          <Notice kind="danger">{isGone(error) ? itemsTexts.goneMeanwhile : textOf(error)}</Notice>
          <div className="text-right">
            <Button onClick={onClose}>{common.close}</Button>
          </div>
        </div>
      ) : (
        <div role="status" aria-label={common.loading} className="space-y-4">
          <Skeleton className="h-16" />
          <Skeleton className="h-32" />
          <Skeleton />
        </div>
      )}
    </Dialog>
  );
}

type Conflict = { theirs: RevisedItem; mine: ItemTexts };

function Editing({ opened, onClose }: { opened: RevisedItem; onClose: () => void }) {
  const { value: item, etag } = opened;
  const { mutateAsync, isPending } = useUpdateItem(item.id);
  const [conflict, setConflict] = useState<Conflict>();
  const [elsewhere, setElsewhere] = useState<'changed' | 'deleted'>();

  useLive(({ type, data }) => {
    if (isPending || (type !== 'item.updated' && type !== 'item.deleted')) return;
    if (data.item_id === item.id) setElsewhere(type === 'item.updated' ? 'changed' : 'deleted');
  });

  async function save(texts: ItemTexts, basedOn: string): Promise<void> {
    const outcome: Outcome = await mutateAsync({ texts, etag: basedOn });
    if ('changed' in outcome) return setConflict({ theirs: outcome.changed, mine: texts });
    showToast({ text: itemsTexts.saved(outcome.saved.title) });
    onClose();
  }

  if (conflict) {
    const { theirs, mine } = conflict;
    return (
      <ItemConflict
        theirs={theirs.value}
        mine={mine}
        onTake={onClose}
        onKeep={() => save(mine, theirs.etag)}
      />
    );
  }
  return (
    <Dialog title={itemsTexts.editItem} onClose={onClose}>
      <ItemForm
        defaultValues={{ title: item.title, description: item.description ?? '' }}
        action={common.save}
        busyText={itemsTexts.saving}
        submit={(texts) => save(texts, etag)}
        onClose={onClose}
      >
        {elsewhere !== undefined && (
          <Notice kind="warning">
            {elsewhere === 'changed' ? itemsTexts.beingChanged : itemsTexts.goneMeanwhile}
          </Notice>
        )}
      </ItemForm>
    </Dialog>
  );
}
