import { QuartetError, UtilsService } from '@quartet/client';
import { type Query, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { isAway } from './errors.ts';
import { queryClient } from './query-client.ts';
import { call } from './session.ts';

const HEARTBEAT_MS = 10_000;
const HEARTBEAT = ['heartbeat'];

/** `all`: the API does not answer; `part`: a service behind it is away. A query that asks again and again knows. */
export type Away = 'all' | 'part' | undefined;

export function useAway(): Away {
  const cache = useQueryClient().getQueryCache();
  useQuery({
    queryKey: HEARTBEAT,
    queryFn: ({ signal }) => call(UtilsService.healthCheck, { signal }),
    refetchInterval: HEARTBEAT_MS,
  });
  return useSyncExternalStore(
    (changed) => cache.subscribe(changed),
    () => {
      const reasons = cache.getAll().map(reasonOf);
      if (reasons.includes('all')) return 'all';
      return reasons.includes('part') ? 'part' : undefined;
    },
  );
}

/** A connection has ended: the banner need not wait for the next heartbeat. */
export const lookForApi = (): void => void queryClient.invalidateQueries({ queryKey: HEARTBEAT });

function reasonOf({ state }: Query): Away {
  const { fetchStatus, fetchFailureReason: reason } = state;
  if (fetchStatus === 'idle' || !isAway(reason)) return undefined;
  return reason instanceof QuartetError && reason.status !== undefined ? 'part' : 'all';
}
