import { SessionsService } from '@quartet/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '#lib/session.ts';

export function useEndSessions(userId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(SessionsService.endUserSessions, { path: { user_id: userId } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['users', 'one', userId, 'sessions'] }),
  });
}
