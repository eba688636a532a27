import { UsersService } from '@quartet/client';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { call } from './session.ts';

/** Who is logged in. */
export const currentUserQuery = queryOptions({
  queryKey: ['users', 'me'],
  queryFn: ({ signal }) => call(UsersService.readUserMe, { signal }),
  staleTime: 60_000,
});

export const useCurrentUser = () => useSuspenseQuery(currentUserQuery).data;
