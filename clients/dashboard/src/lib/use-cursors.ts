import { useLocation, useNavigate } from '@tanstack/react-router';

declare module '@tanstack/react-router' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be added to
  interface HistoryState {
    cursors?: readonly string[];
  }
}

const FIRST: readonly string[] = [];

/**
 * The pages of a list that goes on by cursor. The cursors that led here are kept with the entry of the browser's
 * history: back, forward and a reload find the same page, and the address stays short.
 */
export function useCursors() {
  const cursors = useLocation({ select: ({ state }) => state.cursors ?? FIRST });
  const navigate = useNavigate();
  const go = (next: readonly string[], replace = false) =>
    void navigate({ to: '.', search: true, state: { cursors: next }, replace });
  return {
    cursor: cursors.at(-1),
    page: cursors.length + 1,
    next: (cursor: string) => go([...cursors, cursor]),
    previous: () => go(cursors.slice(0, -1)),
    first: () => go(FIRST, true),
  };
}
