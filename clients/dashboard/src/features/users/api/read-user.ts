import { UsersService } from '@quartet/client';
import { queryOptions } from '@tanstack/react-query';
import { revised } from '#lib/revised.ts';
import { call } from '#lib/session.ts';

const readRevised = revised(UsersService.readUserById<false>);

export const readUser = (userId: string, signal?: AbortSignal) =>
  call(readRevised, { path: { user_id: userId }, ...(signal && { signal }) });

export const userQuery = (userId: string) =>
  queryOptions({
    queryKey: ['users', 'one', userId],
    queryFn: ({ signal }) => readUser(userId, signal),
  });
