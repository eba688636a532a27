import { type StatusPublic, UtilsService } from '@quartet/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { listQuery } from '#lib/list-query.ts';
import { call } from '#lib/session.ts';

const REFETCH_MS = 4_000;
/** A quarter of an hour. */
const MOST_SAMPLES = 225;

/** Numbers by name; null: nobody knows. */
export type Sample = Record<string, number | null>;
export type StatusOverTime = { status: StatusPublic; samples: readonly Sample[] };

const KEY = ['status'];

/** What the page saw since it was opened stays while the person looks at other pages, and goes with the session. */
export function useStatus() {
  const queries = useQueryClient();
  return useQuery({
    queryKey: KEY,
    async queryFn({ signal }): Promise<StatusOverTime> {
      const status = await call(UtilsService.readStatus, { signal });
      const before = queries.getQueryData<StatusOverTime>(KEY);
      // The gateway gives one answer to all who ask within a second.
      if (before?.status.at === status.at) return before;
      const samples = [...(before?.samples ?? []), sampleOf(status)];
      return { status, samples: samples.slice(-MOST_SAMPLES) };
    },
    refetchInterval: REFETCH_MS,
    gcTime: Number.POSITIVE_INFINITY,
    throwOnError: listQuery.throwOnError,
  });
}

function sampleOf({ documents, emails, dead_letters, outboxes, consumers }: StatusPublic): Sample {
  return {
    emails: emails?.waiting ?? null,
    dead_letters: dead_letters?.waiting ?? null,
    ...Object.fromEntries(
      documents.map(({ service, name, count }) => [`documents ${service} ${name}`, count]),
    ),
    ...Object.fromEntries(outboxes.map(({ service, waiting }) => [`outbox ${service}`, waiting])),
    ...Object.fromEntries(
      consumers.map(({ service, pending, ack_pending }) => [`consumer ${service}`, pending + ack_pending]),
    ),
  };
}
