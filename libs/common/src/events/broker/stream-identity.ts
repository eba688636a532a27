import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';

/** Together with the time for the answer, a loss is noticed within 5 s. */
const LOOK_EVERY_MS = 3_000;
const LOOK_AGAIN_MS = 500;

/** A callback that fails is called again at the next check. */
export type Keeping = {
  found?(stream: StreamInfo): void | Promise<void>;
  /** Called for the first stream that is found, and when another stream has taken its name. */
  recreated?(stream: StreamInfo): Promise<void>;
  gone?(): Promise<void>;
};

/** Checks streams regularly, since the broker does not report a deleted or a restored one. */
export type StreamIdentities = {
  /** Resolves when its first `recreated` has succeeded; rejects when the signal aborts first. */
  keep(stream: string, keeping: Keeping, signal: AbortSignal): Promise<void>;
  look(stream: string): Promise<void>;
  lookAtAll(): void;
  present(): Record<string, boolean>;
};

/** Whether a read or a publish failed because the stream does not exist. */
export const isGone = (err: unknown): boolean =>
  (err instanceof JetStreamApiError && err.code === JetStreamApiCodes.StreamNotFound) ||
  (err instanceof Error && err.name === 'JetStreamNotEnabled');

type Kept = { keeping: Keeping; doneFor: string | undefined; done: () => void };

/** Checks streams, unless `canAsk` is false, until the signal aborts. */
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
    let hasWarned = false;
    let timer: NodeJS.Timeout | undefined;
    let running: Promise<void> | undefined;

    const warnOnce = (err: unknown) => {
      if (!hasWarned && !signal.aborted)
        log.warn({ err, stream }, 'a stream could not be kept up to date yet');
      hasWarned = true;
    };
    const logChange = (found: StreamInfo | undefined) => {
      if (!found && isThere) log.warn({ stream }, 'the broker has lost a stream: its users wait');
      if (found && !isThere) log.info({ stream }, 'a stream that the broker had lost is there again');
      else if (found && created !== undefined && created !== found.created)
        log.warn({ stream, created: found.created }, 'a stream at the broker is another than before');
      isThere = found !== undefined;
      created = found?.created ?? created;
    };
    const callBack = async (
      one: Kept,
      found: StreamInfo | undefined,
    ): Promise<'done' | 'made' | 'undone'> => {
      try {
        if (!found) {
          await one.keeping.gone?.();
          return one.keeping.gone ? 'made' : 'undone';
        }
        if (one.doneFor !== found.created) {
          await one.keeping.recreated?.(found);
          one.doneFor = found.created;
          one.done();
        }
        await one.keeping.found?.(found);
        return 'done';
      } catch (err) {
        warnOnce(err);
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
          logChange(found);
          const results = await Promise.all([...kept].map((one) => callBack(one, found)));
          if (results.includes('made')) pauseMs = 0;
          else if (results.includes('undone')) pauseMs = LOOK_AGAIN_MS;
          else hasWarned = false;
        } catch (err) {
          // The broker is leaving or electing a leader, which is logged elsewhere.
          log.debug({ err, stream }, 'a stream could not be looked at');
          pauseMs = LOOK_AGAIN_MS;
        }
      }
      if (kept.size > 0 && !signal.aborted) timer = setTimeout(() => void look(), pauseMs).unref();
    };
    /** Checks run in sequence, so that no callback runs twice at once. */
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
