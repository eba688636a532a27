import { UsersService } from '@quartet/client';
import { useQuery } from '@tanstack/react-query';
import { call } from '#lib/session.ts';
import { isGone } from './item.ts';

const FRESH_MS = 300_000;

/** Whose item it is; null when that user is gone, undefined while it loads. Only a superuser may ask. */
export function useOwner(user_id: string): string | null | undefined {
  const { data } = useQuery({
    queryKey: ['items', 'owner', user_id],
    queryFn: async ({ signal }) => {
      try {
        return (await call(UsersService.readUserById, { path: { user_id }, signal })).email;
      } catch (err) {
        // Items are deleted a moment after their owner.
        if (isGone(err)) return null;
        throw err;
      }
    },
    staleTime: FRESH_MS,
  });
  return data;
}
