import { useEffect, useEffectEvent } from 'react';
import * as z from 'zod/mini';
import { currentUserQuery } from './current-user.ts';
import { queryClient } from './query-client.ts';
import { readServerSentEvents } from './server-sent-events.ts';
import { call, client, logOut, onSignedOut } from './session.ts';

/** `reset`: what was missed is not known, so that everything has to be loaded again. */
export type LiveEvent = {
  type: string;
  data: Record<string, unknown>;
  /** When it happened; a `reset` has none. */
  time?: string | undefined;
  /** The whole envelope. */
  [attribute: string]: unknown;
};

const envelope = z.looseObject({
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  time: z.optional(z.string()),
});
const reasonGiven = z.object({ reason: z.string() });

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** A browser has six connections to one origin for all of its tabs: those that nobody looks at give theirs back. */
const HIDDEN_MS = 10_000;

const listeners = new Set<(event: LiveEvent) => void>();
let running: AbortController | undefined;

onSignedOut(() => stop());

/** `onEvent` gets what happens from now on, also what happened while the API was away. */
export function useLive(onEvent: (event: LiveEvent) => void): void {
  const latest = useEffectEvent(onEvent);
  useEffect(() => {
    const listener = (event: LiveEvent) => latest(event);
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

const publish = (event: LiveEvent): void => {
  for (const listener of listeners) listener(event);
};

async function follow(signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  let pauseMs = SHORTEST_PAUSE_MS;
  while (!signal.aborted) {
    await visible();
    const connection = connect(signal);
    try {
      const stream = await call(openStream, {
        headers: last ? { 'Last-Event-ID': last } : {},
        ...connection,
      });
      for await (const { id, event, data } of readServerSentEvents(stream)) {
        pauseMs = SHORTEST_PAUSE_MS;
        last = id ?? last;
        if (event === 'end') await ended(z.parse(reasonGiven, JSON.parse(data)).reason);
        else if (event === 'reset') publish({ type: 'reset', data: {} });
        else if (event !== undefined) publish(z.parse(envelope, JSON.parse(data)));
      }
    } catch {
      // The API is away, the tab is hidden, or the session is over: then `signal` is aborted.
    } finally {
      connection.close();
    }
    if (signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

const openStream = (options: object) =>
  client.get<{ 200: ReadableStream<Uint8Array> }>({
    ...options,
    url: '/api/v1/live',
    parseAs: 'stream',
    security: [{ scheme: 'bearer', type: 'http' }],
  });

async function ended(reason: string): Promise<void> {
  if (reason === 'role-changed') await queryClient.invalidateQueries(currentUserQuery);
  // The API does not know the session any more, and a person who asks it is led to the login.
  else if (['session-ended', 'user-deleted', 'user-deactivated'].includes(reason)) await logOut();
}

/** It is closed when the page is hidden for a while. */
function connect(signal: AbortSignal): { signal: AbortSignal; close: () => void } {
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
      own.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onChange);
    },
  };
}

async function visible(): Promise<void> {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
}
