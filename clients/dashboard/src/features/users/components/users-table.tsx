import type { UserPublic } from '@quartet/client';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { SortHeader } from '#components/ui/sort-header.tsx';
import { type Column, Table } from '#components/ui/table.tsx';
import { TimeAgo } from '#components/ui/time-ago.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { paths } from '#paths.ts';
import { lists } from '#texts/lists.ts';
import { usersTexts } from '#texts/users.ts';
import type { UsersSort } from '../users-search.ts';
import { UserActions } from './user-actions.tsx';
import { UserBadges } from './user-badges.tsx';

type Field = 'email' | 'created_at' | 'updated_at';

export function UsersTable({
  users,
  sort,
  onSort,
}: {
  users: readonly UserPublic[];
  sort: UsersSort;
  onSort: (sort: UsersSort) => void;
}) {
  const self = useCurrentUser();

  /** Times begin with the newest. */
  function sortable(
    field: Field,
    label: string,
  ): { sorted: Column<UserPublic>['sorted']; header: ReactNode } {
    const sorted = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : undefined;
    const first = field === 'email' ? field : (`-${field}` as const);
    const other = field === 'email' ? (`-${field}` as const) : field;
    return {
      sorted,
      header: (
        <SortHeader text={label} sorted={sorted} onSort={() => onSort(sort === first ? other : first)} />
      ),
    };
  }

  return (
    <Table
      caption={usersTexts.caption}
      rows={users}
      keyOf={({ id }) => id}
      columns={[
        {
          key: 'user',
          ...sortable('email', usersTexts.user),
          className: 'max-w-[60vw] md:max-w-80',
          cell: (user) => (
            <>
              <Link
                to={paths.user}
                params={{ userId: user.id }}
                className="block truncate font-medium underline-offset-2 hover:underline"
              >
                {user.email}
              </Link>
              {user.full_name && <span className="block truncate text-muted">{user.full_name}</span>}
              <span className="mt-1 block md:hidden">
                <UserBadges user={user} isSelf={user.id === self.id} />
              </span>
            </>
          ),
        },
        {
          key: 'state',
          header: usersTexts.state,
          isMinor: true,
          cell: (user) => <UserBadges user={user} isSelf={user.id === self.id} />,
        },
        {
          key: 'created',
          ...sortable('created_at', usersTexts.created),
          isMinor: true,
          cell: ({ created_at }) => <TimeAgo at={created_at} />,
        },
        {
          key: 'changed',
          ...sortable('updated_at', usersTexts.changed),
          isMinor: true,
          cell: ({ updated_at }) => <TimeAgo at={updated_at} />,
        },
        {
          key: 'actions',
          header: <span className="sr-only">{lists.actions}</span>,
          className: 'w-0 px-2',
          cell: (user) => <UserActions user={user} isSelf={user.id === self.id} />,
        },
      ]}
    />
  );
}
