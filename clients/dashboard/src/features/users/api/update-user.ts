import { UsersService, type UserUpdate } from '@quartet/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { KnownDetails } from '#lib/errors.ts';
import { revised } from '#lib/revised.ts';
import { call } from '#lib/session.ts';
import { usersTexts } from '#texts/users.ts';
import { userQuery } from './read-user.ts';

export const updateUserDetails: KnownDetails = {
  'User with this email already exists': { field: 'email', text: usersTexts.taken },
  'The user with this id does not exist in the system': { text: usersTexts.gone },
  'User not found': { text: usersTexts.gone },
};

const updateRevised = revised(UsersService.updateUser<false>);

/** With an `etag`, somebody else's change in between is refused with 412. */
export function useUpdateUser(userId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ changes, etag }: { changes: UserUpdate; etag?: string }) =>
      call(updateRevised, {
        path: { user_id: userId },
        body: changes,
        ...(etag === undefined ? {} : { headers: { 'If-Match': etag } }),
      }),
    async onSuccess(user) {
      queries.setQueryData(userQuery(userId).queryKey, user);
      await queries.invalidateQueries({ queryKey: ['users'] });
    },
  });
}
