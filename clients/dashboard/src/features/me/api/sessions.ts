import { QuartetError, SessionsService } from '@quartet/client';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '#lib/session.ts';

const FRESH_MS = 30_000;

/** A login is no event, so it is asked for now and then. */
export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => call(SessionsService.readSessions, { signal }),
  refetchInterval: FRESH_MS,
});

/** Ends one session, or without an id all others. */
export function useEndSessions() {
  const client = useQueryClient();
  return useMutation({
    async mutationFn(id: string | undefined) {
      try {
        if (id === undefined) await call(SessionsService.endOtherSessions);
        else await call(SessionsService.endSession, { path: { id } });
      } catch (err) {
        // It has ended meanwhile.
        if (!(err instanceof QuartetError && err.status === 404)) throw err;
      }
    },
    onSettled: () => client.invalidateQueries(sessionsQuery),
  });
}
