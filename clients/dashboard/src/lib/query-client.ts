import { QueryClient } from '@tanstack/react-query';
import { isAway } from './errors.ts';

const LONGEST_PAUSE_MS = 4_000;

/** A query asks until the API is back, and shows what it has meanwhile; the banner says that the API is away. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      retry: (_count, err) => isAway(err),
      retryDelay: (count) => Math.min(500 * 2 ** count, LONGEST_PAUSE_MS),
    },
    mutations: { networkMode: 'always' },
  },
});
