import { type DeadLetterPublic, DeadLettersService } from '@quartet/client';
import { useQuery } from '@tanstack/react-query';
import { listQuery, PAGE_SIZE } from '#lib/list-query.ts';
import { call } from '#lib/session.ts';

const REFETCH_MS = 5_000;
const READ_AT_ONCE = 200;

export function useDeadLetters(consumer: string | undefined, skip: number) {
  const query = { limit: PAGE_SIZE, skip, ...(consumer === undefined ? {} : { consumer }) };
  return useQuery({
    queryKey: ['dead-letters', 'list', query],
    queryFn: ({ signal }) => call(DeadLettersService.readDeadLetters, { query, signal }),
    refetchInterval: REFETCH_MS,
    ...listQuery,
  });
}

/** The ids of all dead letters of one consumer and reason; a list that shrinks meanwhile may hide some. */
export async function findByReason(
  { consumer, reason }: Pick<DeadLetterPublic, 'consumer' | 'reason'>,
  signal: AbortSignal,
): Promise<string[]> {
  const found = new Set<string>();
  for (let skip = 0; ; skip += READ_AT_ONCE) {
    const query = { consumer, skip, limit: READ_AT_ONCE };
    const { data } = await call(DeadLettersService.readDeadLetters, { query, signal });
    for (const letter of data) if (letter.reason === reason) found.add(letter.id);
    if (data.length < READ_AT_ONCE) return [...found];
  }
}
