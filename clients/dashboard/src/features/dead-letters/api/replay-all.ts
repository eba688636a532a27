import { type DeadLetterPublic, DeadLettersService, QuartetError } from '@quartet/client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { textOf } from '#lib/errors.ts';
import { call } from '#lib/session.ts';
import { findByReason } from './read-dead-letters.ts';

export type ReplayAll = {
  step: 'finding' | 'found' | 'replaying' | 'stopped' | 'done';
  ids: readonly string[];
  /** How many of them have been asked for, the gone ones among them. */
  asked: number;
  /** Somebody else has replayed or discarded these. */
  gone: number;
  error: string | undefined;
};

const BEGINNING: ReplayAll = { step: 'finding', ids: [], asked: 0, gone: 0, error: undefined };

/** Finds all of one reason, then replays them one after the other; a stop, an error or leaving the page ends it. */
export function useReplayAll(letter: DeadLetterPublic) {
  const queries = useQueryClient();
  const [state, setState] = useState(BEGINNING);
  const running = useRef<AbortController>(undefined);
  const { consumer, reason } = letter;

  useEffect(() => {
    const controller = new AbortController();
    findByReason({ consumer, reason }, controller.signal).then(
      (ids) => setState((now) => ({ ...now, step: 'found', ids })),
      (err: unknown) => {
        if (!controller.signal.aborted) setState((now) => ({ ...now, step: 'stopped', error: textOf(err) }));
      },
    );
    return () => {
      controller.abort();
      running.current?.abort();
    };
  }, [consumer, reason]);

  async function start(): Promise<void> {
    const controller = new AbortController();
    running.current = controller;
    setState((now) => ({ ...now, step: 'replaying', error: undefined }));
    try {
      for (const id of state.ids.slice(state.asked)) {
        const isGone = await replay(id);
        setState((now) => ({ ...now, asked: now.asked + 1, gone: now.gone + (isGone ? 1 : 0) }));
        if (controller.signal.aborted) break;
      }
      setState((now) => ({ ...now, step: now.asked === now.ids.length ? 'done' : 'stopped' }));
    } catch (err) {
      setState((now) => ({ ...now, step: 'stopped', error: textOf(err) }));
    }
    await queries.invalidateQueries({ queryKey: ['dead-letters'] });
  }

  return { state, start, stop: () => running.current?.abort() };
}

/** A replay that has begun is not aborted: nobody would know whether it happened. */
async function replay(id: string): Promise<boolean> {
  try {
    await call(DeadLettersService.replayDeadLetter, { path: { id } });
    return false;
  } catch (err) {
    if (err instanceof QuartetError && err.status === 404) return true;
    throw err;
  }
}
