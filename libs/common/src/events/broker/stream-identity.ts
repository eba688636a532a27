import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';

/** With the broker's answer, what is done about it, and a busy machine, all is noticed within 5 s. */
const LOOK_EVERY_MS = 3_000;
/** While something is missing or could not be done yet. */
const LOOK_AGAIN_MS = 500;

/** What a process does about a stream that it needs, or the stream behind a bucket. What fails is done again at the next look. */
export type Keeping = {
  /** At every look that finds it. */
  found?(stream: StreamInfo): void | Promise<void>;
  /** For the first that is found, and whenever it is another than the one before: here goes what a process has in it. */
  anew?(stream: StreamInfo): Promise<void>;
  /** At every look that does not find it. */
  gone?(): Promise<void>;
};

/**
 * What this process needs at the broker, looked at every 3 s and after every reconnection: a broker tells nobody that a
 * stream was deleted, or that it came back with other files.
 */
export type StreamIdentities = {
  /** Looks after a stream until the signal aborts. Resolves when its first `anew` has succeeded; rejects when the signal is first. */
  keep(stream: string, keeping: Keeping, signal: AbortSignal): Promise<void>;
  /** Looks now, and resolves when that look is done with. */
  look(stream: string): Promise<void>;
  /** Looks at everything now. */
  lookAtAll(): void;
  /** Whether each stream that is looked after was there at the last look. */
  present(): Record<string, boolean>;
};

/** Whether there is no such stream, as the broker says when it is asked about one, or nobody when something is published. */
export const isGone = (err: unknown): boolean =>
  (err instanceof JetStreamApiError && err.code === JetStreamApiCodes.StreamNotFound) ||
  (err instanceof Error && err.name === 'JetStreamNotEnabled');

type Kept = { keeping: Keeping; doneFor: string | undefined; done: () => void };

/** @param canAsk false while the connection is lost @param signal ends all looks */
export function createStreamIdentities(
  jsm: JetStreamManager,
  canAsk: () => boolean,
  log: Log,
  signal: AbortSignal,
): StreamIdentities {
  const looking = new Map<string, ReturnType<typeof lookAfter>>();

  function lookAfter(stream: string) {
    const kept = new Set<Kept>();
    let isThere = true;
    let created: string | undefined;
    let complained = false;
    let timer: NodeJS.Timeout | undefined;
    let running: Promise<void> | undefined;

    const complain = (err: unknown) => {
      if (!complained && !signal.aborted)
        log.warn({ err, stream }, 'what is kept at the broker could not be seen to yet');
      complained = true;
    };
    const told = (found: StreamInfo | undefined) => {
      if (!found && isThere) log.warn({ stream }, 'the broker has lost a stream: what needs it waits');
      if (found && !isThere) log.info({ stream }, 'a stream that the broker had lost is there again');
      else if (found && created !== undefined && created !== found.created)
        log.warn({ stream, created: found.created }, 'a stream at the broker is another than before');
      isThere = found !== undefined;
      created = found?.created ?? created;
    };
    const see = async (one: Kept, found: StreamInfo | undefined): Promise<'done' | 'made' | 'undone'> => {
      try {
        if (!found) {
          await one.keeping.gone?.();
          return one.keeping.gone ? 'made' : 'undone';
        }
        if (one.doneFor !== found.created) {
          await one.keeping.anew?.(found);
          one.doneFor = found.created;
          one.done();
        }
        await one.keeping.found?.(found);
        return 'done';
      } catch (err) {
        complain(err);
        return 'undone';
      }
    };
    const lookOnce = async (): Promise<void> => {
      clearTimeout(timer);
      let pauseMs = LOOK_EVERY_MS;
      if (canAsk()) {
        try {
          const found = await jsm.streams.info(stream).catch((err: unknown) => {
            if (isGone(err)) return undefined;
            throw err;
          });
          told(found);
          const seen = await Promise.all([...kept].map((one) => see(one, found)));
          if (seen.includes('made')) pauseMs = 0;
          else if (seen.includes('undone')) pauseMs = LOOK_AGAIN_MS;
          else complained = false;
        } catch (err) {
          // The broker goes away just now, or looks for a leader; that is told elsewhere.
          log.debug({ err, stream }, 'a stream could not be looked at');
          pauseMs = LOOK_AGAIN_MS;
        }
      }
      if (kept.size > 0 && !signal.aborted) timer = setTimeout(() => void look(), pauseMs).unref();
    };
    /** One look after the other, so that nothing is done twice at once. */
    const look = (): Promise<void> => {
      running = (running ?? Promise.resolve()).then(lookOnce);
      return running;
    };
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    return {
      kept,
      look,
      isThere: () => isThere,
    };
  }

  const of = (stream: string) => {
    const known = looking.get(stream) ?? lookAfter(stream);
    looking.set(stream, known);
    return known;
  };

  return {
    async keep(stream, keeping, until) {
      const ends = AbortSignal.any([until, signal]);
      ends.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const one: Kept = { keeping, doneFor: undefined, done: resolve };
      const { kept, look } = of(stream);
      kept.add(one);
      const end = () => {
        kept.delete(one);
        reject(ends.reason);
      };
      ends.addEventListener('abort', end, { once: true });
      void look();
      await promise;
    },
    look: (stream) => of(stream).look(),
    lookAtAll() {
      for (const { look } of looking.values()) void look();
    },
    present: () =>
      Object.fromEntries(
        [...looking].filter(([, { kept }]) => kept.size > 0).map(([name, { isThere }]) => [name, isThere()]),
      ),
  };
}
