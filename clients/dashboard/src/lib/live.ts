import type { LiveEvent } from '@quartet/client';
import { useEffect, useEffectEvent } from 'react';
import { currentUserQuery } from './current-user.ts';
import { queryClient } from './query-client.ts';
import { beforeLogOut, live, onSignedOut } from './session.ts';
import { lookForApi } from './use-away.ts';

/** `reset`: events are missing, so that everything has to be loaded again. */
export type News = LiveEvent | { type: 'reset'; data: Record<string, never> };

/** A browser has six connections to one origin for all of its tabs: those that nobody looks at give theirs back. */
const HIDDEN_MS = 10_000;
const REFUSED_MS = 5_000;

const listeners = new Set<(news: News) => void>();
let running: AbortController | undefined;

onSignedOut(() => stop());
// Otherwise the end of the stream asks for the session that this page is just ending.
beforeLogOut(async () => stop());

/**
 * `onNews` gets what happens from now on, also what happened while the API was away. All listeners share one stream;
 * when the session ends elsewhere, the stream leads to the login.
 */
export function useLive(onNews: (news: News) => void): void {
  const latest = useEffectEvent(onNews);
  useEffect(() => {
    const listener = (news: News) => latest(news);
    listeners.add(listener);
    if (!running) {
      running = new AbortController();
      void follow(running.signal);
    }
    return () => {
      listeners.delete(listener);
      // The next page may listen in a moment.
      setTimeout(() => listeners.size === 0 && stop());
    };
  }, []);
}

function stop(): void {
  running?.abort();
  running = undefined;
}

function publish(news: News): void {
  for (const listener of listeners) listener(news);
}

async function follow(signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  let isFirst = true;
  while (!signal.aborted) {
    await untilShown();
    if (signal.aborted) return;
    // Without a place to go on after, nobody knows what was missed.
    if (!isFirst && last === undefined) publish({ type: 'reset', data: {} });
    isFirst = false;
    const shown = whileShown(signal);
    try {
      await live({
        signal: shown.signal,
        lastEventId: last,
        onEvent(event, id) {
          last = id;
          publish(event);
        },
        onReset(_reason, id) {
          last = id;
          publish({ type: 'reset', data: {} });
        },
        onState(now) {
          if (now.state !== 'waiting') return;
          lookForApi();
          if (now.reason === 'role-changed') void queryClient.invalidateQueries(currentUserQuery);
        },
      });
    } catch {
      // The API refuses the stream; the pages work without it.
      await new Promise((resolve) => setTimeout(resolve, REFUSED_MS));
    } finally {
      shown.close();
    }
  }
}

/** Its signal is aborted when the page was hidden for a while. */
function whileShown(signal: AbortSignal): { signal: AbortSignal; close: () => void } {
  const own = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onChange = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => own.abort(), HIDDEN_MS);
  };
  document.addEventListener('visibilitychange', onChange);
  return {
    signal: AbortSignal.any([signal, own.signal]),
    close() {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onChange);
    },
  };
}

async function untilShown(): Promise<void> {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
}
