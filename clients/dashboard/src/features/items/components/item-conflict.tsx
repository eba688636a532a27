import type { ItemPublic } from '@quartet/client';
import { type ReactNode, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { classes } from '#components/ui/classes.ts';
import { Dialog } from '#components/ui/dialog.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { textOf } from '#lib/errors.ts';
import { itemsTexts } from '#texts/items.ts';
import type { ItemTexts } from '../api/create-item.ts';
import { isGone } from '../api/item.ts';

/** Two people edited an item: the second one chooses. */
export function ItemConflict({
  theirs,
  mine,
  onTake,
  onKeep,
}: {
  theirs: ItemPublic;
  mine: ItemTexts;
  onTake: () => void;
  /** It resolves also when the item was changed once more: then `theirs` is newer. */
  onKeep: () => Promise<void>;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const [first] = useState(theirs);
  const description = theirs.description ?? '';
  const differs = { title: theirs.title !== mine.title, description: description !== mine.description };

  async function keep(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await onKeep();
    } catch (err) {
      setError(isGone(err) ? itemsTexts.goneMeanwhile : textOf(err));
    }
    setBusy(false);
  }

  return (
    <Dialog title={itemsTexts.changedMeanwhile} onClose={onTake} isWide>
      <div className="space-y-4">
        {error === undefined ? (
          <Notice kind="warning">
            {first === theirs ? itemsTexts.changedMeanwhileHint : itemsTexts.changedAgain}
          </Notice>
        ) : (
          <Notice kind="danger">{error}</Notice>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <Version name={itemsTexts.theirs} texts={{ title: theirs.title, description }} differs={differs}>
            {itemsTexts.changed} <TimeAgo at={theirs.updated_at} />
          </Version>
          <Version name={itemsTexts.yours} texts={mine} differs={differs}>
            {itemsTexts.notSaved}
          </Version>
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onTake}>{itemsTexts.takeTheirs}</Button>
          <Button kind="primary" isBusy={isBusy} busyText={itemsTexts.saving} onClick={() => void keep()}>
            {itemsTexts.keepMine}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Version({
  name,
  texts: { title, description },
  differs,
  children,
}: {
  name: string;
  texts: ItemTexts;
  differs: { title: boolean; description: boolean };
  children: ReactNode;
}) {
  const mark = (isDifferent: boolean) =>
    classes('rounded px-2 py-1 wrap-anywhere whitespace-pre-wrap', isDifferent && 'bg-warning-surface');
  return (
    <section aria-label={name} className="min-w-0 space-y-3 rounded-md border border-line p-4 text-sm">
      <div>
        <h3 className="font-medium">{name}</h3>
        <p className="text-muted">{children}</p>
      </div>
      <dl className="-mx-2 space-y-2">
        <div>
          <dt className="px-2 text-muted">{itemsTexts.itemTitle}</dt>
          <dd className={mark(differs.title)}>{title}</dd>
        </div>
        <div>
          <dt className="px-2 text-muted">{itemsTexts.description}</dt>
          <dd className={mark(differs.description)}>
            {description || <span className="text-muted">{itemsTexts.noDescription}</span>}
          </dd>
        </div>
      </dl>
    </section>
  );
}
