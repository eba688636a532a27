import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { Page } from '#components/ui/page.tsx';
import { Pager } from '#components/ui/pager.tsx';
import { SearchField } from '#components/ui/search-field.tsx';
import { Select } from '#components/ui/select.tsx';
import { SkeletonRows } from '#components/ui/skeleton.tsx';
import { Toolbar } from '#components/ui/toolbar.tsx';
import { pageSummary } from '#lib/list-query.ts';
import { useCursors } from '#lib/use-cursors.ts';
import { paths } from '#paths.ts';
import { lists } from '#texts/lists.ts';
import { usersTexts } from '#texts/users.ts';
import { useUsers } from '../api/read-users.ts';
import type { UsersSearch } from '../users-search.ts';
import { InviteDialog } from './invite-dialog.tsx';
import { UsersTable } from './users-table.tsx';

const flags = ['active', 'superuser', 'verified'] as const;

export function UsersPage() {
  const search = useSearch({ from: '/signed-in/administration/users' });
  const navigate = useNavigate();
  const [invites, setInvites] = useState(false);
  const change = (changes: Partial<UsersSearch>) =>
    void navigate({ to: paths.users, search: { ...search, ...changes }, replace: true, resetScroll: false });
  return (
    <Page
      title={usersTexts.title}
      actions={
        <Button kind="primary" onClick={() => setInvites(true)}>
          {usersTexts.invite}
        </Button>
      }
    >
      <Toolbar label={lists.filters}>
        <SearchField
          label={usersTexts.search}
          value={search.q ?? ''}
          maxLength={100}
          onSearch={(q) => change({ q: q === '' ? undefined : q })}
        />
        {flags.map((flag) => (
          <FlagFilter
            key={flag}
            flag={flag}
            value={search[flag]}
            onChange={(value) => change({ [flag]: value })}
          />
        ))}
      </Toolbar>
      <UsersList
        search={search}
        onChange={change}
        onClear={() => void navigate({ to: paths.users, replace: true })}
      />
      {invites && <InviteDialog onClose={() => setInvites(false)} />}
    </Page>
  );
}

function UsersList({
  search,
  onChange,
  onClear,
}: {
  search: UsersSearch;
  onChange: (changes: Partial<UsersSearch>) => void;
  onClear: () => void;
}) {
  const { cursor, page, next: goTo, previous } = useCursors();
  const { data: users } = useUsers(search, cursor);
  if (!users) return <SkeletonRows />;
  const { data, count, next_cursor: next } = users;
  if (data.length === 0 && page === 1) {
    return (
      <EmptyState title={lists.nothingFound} hint={lists.nothingFoundHint}>
        <Button onClick={onClear}>{lists.clear}</Button>
      </EmptyState>
    );
  }
  return (
    <>
      <UsersTable users={data} sort={search.sort ?? '-created_at'} onSort={(sort) => onChange({ sort })} />
      <Pager
        summary={pageSummary(page, data.length, count)}
        page={page}
        onPrevious={page > 1 ? previous : undefined}
        onNext={next ? () => goTo(next) : undefined}
      />
    </>
  );
}

function FlagFilter({
  flag,
  value,
  onChange,
}: {
  flag: (typeof flags)[number];
  value: boolean | undefined;
  onChange: (value: boolean | undefined) => void;
}) {
  const { label, any, yes, no } = usersTexts.filters[flag];
  return (
    <Select
      label={label}
      value={value === undefined ? 'any' : value ? 'yes' : 'no'}
      options={[
        { value: 'any', text: any },
        { value: 'yes', text: yes },
        { value: 'no', text: no },
      ]}
      onChange={(chosen) => onChange(chosen === 'any' ? undefined : chosen === 'yes')}
    />
  );
}
