import { type ItemPublic, ItemsService } from '@quartet/client';
import { useSyncExternalStore } from 'react';
import { showToast } from '#components/ui/toast.tsx';
import { textOf } from '#lib/errors.ts';
import { beforeLogOut, call, onSignedOut } from '#lib/session.ts';
import { itemsTexts } from '#texts/items.ts';
import { isGone } from './item.ts';

// Why the call waits, and no second item is made: docs/decisions/0071-a-deletion-waits-for-its-undo.md

type Deletion = { item: ItemPublic; hideToast: () => void };

/** Those whose call waits, by the item's id. */
const waiting = new Map<string, Deletion>();
/** Items that this page shows no longer: their deletion waits, is under way or is done. */
let hidden: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function hide(id: string, isHidden: boolean): void {
  const next = new Set(hidden);
  if (isHidden) next.add(id);
  else next.delete(id);
  hidden = next;
  for (const listener of listeners) listener();
}

export const useDeletedItems = (): ReadonlySet<string> =>
  useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => hidden,
  );

/** The item vanishes at once; the API hears of it when the person can undo it no longer. */
export function deleteItem(item: ItemPublic): void {
  const { id, title } = item;
  hide(id, true);
  const hideToast = showToast({
    text: itemsTexts.deleted(title),
    action: { label: itemsTexts.undo, run: () => undo(id) },
    onGone: () => void commit(id),
  });
  waiting.set(id, { item, hideToast });
}

function undo(id: string): void {
  if (waiting.delete(id)) hide(id, false);
}

async function commit(id: string): Promise<void> {
  const deletion = waiting.get(id);
  if (!deletion) return;
  waiting.delete(id);
  deletion.hideToast();
  try {
    // The call outlives the page.
    await call(ItemsService.deleteItem, { path: { id }, keepalive: true });
  } catch (err) {
    if (isGone(err)) return;
    hide(id, false);
    const action = { label: itemsTexts.deleteAgain, run: () => deleteItem(deletion.item) };
    showToast({ text: itemsTexts.notDeleted(deletion.item.title, textOf(err)), action });
  }
}

const commitAll = (): Promise<unknown> => Promise.all([...waiting.keys()].map(commit));

addEventListener('pagehide', () => void commitAll());
beforeLogOut(commitAll);
onSignedOut(() => {
  for (const { hideToast } of waiting.values()) hideToast();
  waiting.clear();
  hidden = new Set();
});
