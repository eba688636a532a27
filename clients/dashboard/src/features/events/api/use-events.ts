import { useState } from 'react';
import { type News, useLive } from '#lib/live.ts';

export const MOST_EVENTS = 200;

/** `key` is its place among those that this page has seen. */
export type SeenEvent = { key: number; at: string; event: News };

type Seen = { events: readonly SeenEvent[]; waiting: readonly SeenEvent[]; isPaused: boolean; last: number };

const NOTHING: Seen = { events: [], waiting: [], isPaused: false, last: 0 };

/** The last events, newest first; while it is paused, they wait. */
export function useEvents() {
  const [seen, setSeen] = useState(NOTHING);
  useLive((event) =>
    setSeen((now) => {
      const key = now.last + 1;
      const next = { key, at: 'time' in event ? event.time : new Date().toISOString(), event };
      const add = (events: readonly SeenEvent[]) => [next, ...events].slice(0, MOST_EVENTS);
      return now.isPaused
        ? { ...now, last: key, waiting: add(now.waiting) }
        : { ...now, last: key, events: add(now.events) };
    }),
  );
  return {
    events: seen.events,
    waiting: seen.waiting.length,
    isPaused: seen.isPaused,
    pause: () => setSeen((now) => ({ ...now, isPaused: true })),
    goOn: () =>
      setSeen((now) => ({
        ...now,
        isPaused: false,
        waiting: [],
        events: [...now.waiting, ...now.events].slice(0, MOST_EVENTS),
      })),
    clear: () => setSeen((now) => ({ ...now, events: [], waiting: [] })),
  };
}
