import { UsersService } from '@quartet/client';
import { useQuery } from '@tanstack/react-query';
import { listQuery, PAGE_SIZE } from '#lib/list-query.ts';
import { call } from '#lib/session.ts';
import type { UsersSearch } from '../users-search.ts';

const REFETCH_MS = 15_000;

/** @param cursor of the page before */
export function useUsers({ q, sort, active, superuser, verified }: UsersSearch, cursor: string | undefined) {
  const query = {
    limit: PAGE_SIZE,
    ...(cursor === undefined ? {} : { cursor }),
    ...(q === undefined ? {} : { q }),
    ...(sort === undefined ? {} : { sort }),
    ...(active === undefined ? {} : { is_active: active }),
    ...(superuser === undefined ? {} : { is_superuser: superuser }),
    ...(verified === undefined ? {} : { is_verified: verified }),
  };
  return useQuery({
    queryKey: ['users', 'list', query],
    queryFn: ({ signal }) => call(UsersService.readUsers, { query, signal }),
    refetchInterval: REFETCH_MS,
    ...listQuery,
  });
}
