import { UsersService } from '@quartet/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '#lib/session.ts';

/** The user's own queries are dropped by the page that leaves, so that none of them asks for who is gone. */
export function useDeleteUser() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (userId: string) => call(UsersService.deleteUser, { path: { user_id: userId } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['users', 'list'] }),
  });
}
