import { type ItemPublic, QuartetError } from '@quartet/client';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Page } from '#components/ui/page.tsx';
import { Pager } from '#components/ui/pager.tsx';
import { SkeletonRows } from '#components/ui/skeleton.tsx';
import { textOf } from '#lib/errors.ts';
import { useCursors } from '#lib/use-cursors.ts';
import { common } from '#texts/common.ts';
import { itemsTexts } from '#texts/items.ts';
import { useDeletedItems } from '../api/deletions.ts';
import { itemsQuery, useItemsCache, useItemsFilter } from '../api/items.ts';
import { type ItemsSearch, NEWEST_FIRST } from '../api/items-search.ts';
import { useLiveItems } from '../api/live-items.ts';
import { useNewItems } from '../api/new-items.ts';
import { EditItemDialog } from './edit-item-dialog.tsx';
import { ItemsTable } from './items-table.tsx';
import { ItemsTools } from './items-tools.tsx';
import { NewItemDialog } from './new-item-dialog.tsx';
import { NewItemsButton } from './new-items-button.tsx';
import { NoItems } from './no-items.tsx';

export function ItemsPage() {
  const [isCreating, setCreating] = useState(false);
  const newItem = (
    <Button kind="primary" onClick={() => setCreating(true)}>
      {itemsTexts.newItem}
    </Button>
  );
  return (
    <Page title={itemsTexts.title} actions={newItem}>
      <Items onCreate={() => setCreating(true)} />
      {isCreating && <NewItemDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function Items({ onCreate }: { onCreate: () => void }) {
  const search = useSearch({ from: '/signed-in/items' });
  const navigate = useNavigate();
  const change = (next: Partial<ItemsSearch>) =>
    void navigate({ to: '.', search: { ...search, ...next }, replace: true });

  const filter = useItemsFilter(search);
  const pages = useCursors();
  const list = useQuery(itemsQuery(filter, pages.cursor));
  const { reload } = useItemsCache();
  const deleted = useDeletedItems();
  const [edited, setEdited] = useState<ItemPublic>();

  const loaded = list.data?.data ?? [];
  const rows = loaded.filter(({ id }) => !deleted.has(id));
  const view = JSON.stringify([filter, pages.cursor]);
  const news = useLiveItems(new Map(loaded.map((item) => [item.id, item])), view);
  const newItems = useNewItems(filter, news.created);

  const changedTitles = rows.filter(({ id }) => news.changed.has(id)).map(({ title }) => title);

  // The last item of a page was deleted.
  const isEmptied = loaded.length > 0 && rows.length === 0 && !list.isFetching;
  const { page, previous, first } = pages;
  useEffect(() => {
    if (!isEmptied) return;
    if (page > 1) previous();
    else void reload();
  }, [isEmptied, page, previous, reload]);
  // A cursor ends with the search that it belongs to.
  const isLost = page > 1 && list.error instanceof QuartetError && list.error.status === 400;
  useEffect(() => {
    if (isLost) first();
  }, [isLost, first]);

  async function showNew(): Promise<void> {
    news.forget();
    await navigate({ to: '.', search: { ...search, sort: undefined } });
    await reload();
  }

  if (list.error && !list.data) {
    return (
      <div className="space-y-4">
        <Notice kind="danger">{textOf(list.error)}</Notice>
        <Button onClick={() => void list.refetch()}>{common.retry}</Button>
      </div>
    );
  }
  return (
    <>
      <ItemsTools search={search} onChange={change} />
      <p role="status" className="sr-only">
        {changedTitles.length > 0 && itemsTexts.changedElsewhere(changedTitles)}
      </p>
      <NewItemsButton count={newItems} onShow={() => void showNew()} />
      {!list.data ? (
        <SkeletonRows />
      ) : rows.length === 0 ? (
        <NoItems
          isSearch={search.q !== undefined}
          onCreate={onCreate}
          onClear={() => change({ q: undefined })}
        />
      ) : (
        <>
          <ItemsTable
            rows={rows}
            news={news}
            isPending={list.isPlaceholderData}
            sort={search.sort ?? NEWEST_FIRST}
            onSort={(sort) => change({ sort: sort === NEWEST_FIRST ? undefined : sort })}
            onEdit={setEdited}
          />
          <Pager
            summary={itemsTexts.count(list.data.count - (loaded.length - rows.length))}
            page={page}
            onPrevious={page > 1 ? previous : undefined}
            onNext={
              list.data.next_cursor === null ? undefined : () => pages.next(list.data.next_cursor ?? '')
            }
          />
        </>
      )}
      {edited && <EditItemDialog id={edited.id} onClose={() => setEdited(undefined)} />}
    </>
  );
}
