import { SessionsService } from '@quartet/client';
import { useQuery } from '@tanstack/react-query';
import { call } from '#lib/session.ts';

const REFETCH_MS = 10_000;

export const useSessions = (userId: string) =>
  useQuery({
    queryKey: ['users', 'one', userId, 'sessions'],
    queryFn: ({ signal }) => call(SessionsService.readUserSessions, { path: { user_id: userId }, signal }),
    refetchInterval: REFETCH_MS,
  });
