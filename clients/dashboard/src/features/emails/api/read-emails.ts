import { EmailsService } from '@quartet/client';
import { useQuery } from '@tanstack/react-query';
import { listQuery, PAGE_SIZE } from '#lib/list-query.ts';
import { call } from '#lib/session.ts';
import type { EmailsSearch } from '../emails-search.ts';

const REFETCH_MS = 3_000;

export function useEmails({ status, to }: EmailsSearch, skip: number) {
  const query = {
    limit: PAGE_SIZE,
    skip,
    ...(status === undefined ? {} : { status }),
    ...(to === undefined ? {} : { to }),
  };
  return useQuery({
    queryKey: ['emails', 'list', query],
    queryFn: ({ signal }) => call(EmailsService.readEmails, { query, signal }),
    refetchInterval: REFETCH_MS,
    ...listQuery,
  });
}
