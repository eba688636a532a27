import type { ItemPublic } from '@quartet/client';
import { useEffect, useState } from 'react';
import { classes } from '#components/ui/classes.ts';
import { Menu } from '#components/ui/menu.tsx';
import { SortHeader } from '#components/ui/sort-header.tsx';
import { type Column, Table } from '#components/ui/table.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { itemsTexts } from '#texts/items.ts';
import { deleteItem } from '../api/deletions.ts';
import type { Sort } from '../api/items-search.ts';
import { ItemOwner } from './item-owner.tsx';

type Row = { item: ItemPublic; isGone: boolean; isChanged: boolean };

const elementId = ({ id }: ItemPublic) => `item-${id}`;

export function ItemsTable({
  rows,
  news,
  isPending,
  sort,
  onSort,
  onEdit,
}: {
  rows: readonly ItemPublic[];
  news: { changed: ReadonlySet<string>; gone: ReadonlySet<string> };
  /** The rows are still those of the page before. */
  isPending: boolean;
  sort: Sort;
  onSort: (sort: Sort) => void;
  onEdit: (item: ItemPublic) => void;
}) {
  const { is_superuser } = useCurrentUser();
  // After a deletion the focus is on the item that comes there, or the one before.
  const [focused, setFocused] = useState<ItemPublic>();
  useEffect(() => {
    if (focused) document.getElementById(elementId(focused))?.focus();
  }, [focused]);
  function remove(item: ItemPublic): void {
    const at = rows.indexOf(item);
    setFocused(rows[at + 1] ?? rows[at - 1]);
    deleteItem(item);
  }
  const sortable = (text: string, first: Sort, second: Sort) => {
    const field = first.replace('-', '');
    const sorted = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : undefined;
    const onPress = () => onSort(sort === first ? second : first);
    return { sorted, header: <SortHeader text={text} sorted={sorted} onSort={onPress} /> } as const;
  };
  const time = 'min-w-36 text-muted';
  const columns: Column<Row>[] = [
    {
      key: 'title',
      ...sortable(itemsTexts.itemTitle, 'title', '-title'),
      cell: (row) => <Texts row={row} onEdit={onEdit} />,
      className: 'max-w-0 w-full',
    },
    ...(is_superuser
      ? [
          {
            key: 'owner',
            header: itemsTexts.owner,
            cell: ({ item }: Row) => <ItemOwner id={item.owner_id} />,
            isMinor: true,
            className: 'max-w-56 min-w-40 truncate',
          },
        ]
      : []),
    {
      key: 'changed',
      ...sortable(itemsTexts.changed, '-updated_at', 'updated_at'),
      cell: ({ item }) => <TimeAgo at={item.updated_at} />,
      isMinor: true,
      className: time,
    },
    {
      key: 'created',
      ...sortable(itemsTexts.createdAt, '-created_at', 'created_at'),
      cell: ({ item }) => <TimeAgo at={item.created_at} />,
      isMinor: true,
      className: time,
    },
    {
      key: 'actions',
      header: <span className="sr-only">{itemsTexts.actionsHeader}</span>,
      cell: (row) => <Actions row={row} onEdit={onEdit} onDelete={remove} />,
      className: 'w-16 pl-0 text-right',
    },
  ];
  return (
    <div aria-busy={isPending} className={isPending ? 'opacity-60' : undefined}>
      <Table
        caption={itemsTexts.title}
        columns={columns}
        rows={rows.map((item) => ({
          item,
          isGone: news.gone.has(item.id),
          isChanged: news.changed.has(item.id),
        }))}
        keyOf={({ item }) => item.id}
        rowLook={({ isChanged }) =>
          classes(
            'motion-safe:transition-[background-color] motion-safe:duration-700',
            isChanged && 'bg-warning-surface',
          )
        }
      />
    </div>
  );
}

function Texts({ row: { item, isGone }, onEdit }: { row: Row; onEdit: (item: ItemPublic) => void }) {
  return (
    <div className="flex h-12 min-w-0 flex-col justify-center">
      {isGone ? (
        <p className="truncate text-muted">
          <s>{item.title}</s> · {itemsTexts.deletedByOthers}
        </p>
      ) : (
        <button
          type="button"
          id={elementId(item)}
          onClick={() => onEdit(item)}
          className="max-w-full self-start truncate text-left font-medium hover:text-accent hover:underline"
        >
          {item.title}
        </button>
      )}
      {item.description && <p className="truncate text-muted">{item.description}</p>}
    </div>
  );
}

function Actions({
  row: { item, isGone },
  onEdit,
  onDelete,
}: {
  row: Row;
  onEdit: (item: ItemPublic) => void;
  onDelete: (item: ItemPublic) => void;
}) {
  // Its room stays.
  if (isGone) return <div className="h-10" />;
  const entries = [
    { label: itemsTexts.edit, onSelect: () => onEdit(item) },
    { label: itemsTexts.delete, onSelect: () => onDelete(item), isDanger: true },
  ];
  return (
    <Menu label={itemsTexts.actions(item.title)} entries={entries}>
      <span aria-hidden="true">⋯</span>
    </Menu>
  );
}
