import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import type { LimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import type * as z from 'zod';
import type { BucketWatch } from './bucket-watch.ts';
import { createLocalStates } from './local-states.ts';

/** What to do with a state: nothing, when `next` is undefined. */
export type Decision<S, R> = { next?: S | undefined; result: R };

/** States by key, the same for all replicas; while the broker is away, each replica's own. */
export type SharedStates<S> = {
  /** Reads, decides and writes as one step; `decide` may be asked several times. Never rejects for the broker's sake. */
  change<R>(key: string, decide: (state: S | undefined) => Decision<S, R>): Promise<R>;
  forget(key: string): Promise<void>;
};

const MOST_LOCAL = 50_000;
/** Every lost race means that another replica's write succeeded. */
const MOST_RACES = 50;

export function createSharedStates<S>(options: {
  bucket: LimitBucket;
  watch: BucketWatch;
  schema: z.ZodType<S>;
  /** How long the bucket keeps a state. */
  lifeMs: number;
  now: () => number;
}): SharedStates<S> {
  const { bucket, watch, schema, lifeMs, now } = options;
  // Kept up while the broker is there, so that without it a process begins with what it knows.
  const local = createLocalStates<S>(MOST_LOCAL, lifeMs);
  // One question about a key at a time: others of this process would only lose the race against it.
  const inTurn = createKeyedQueue();

  const remember = (key: string, state: S | undefined): void => {
    if (state === undefined) local.forget(key);
    else local.set(key, state, now());
  };

  function changeLocally<R>(key: string, decide: (state: S | undefined) => Decision<S, R>): R {
    const state = local.get(key);
    const { next, result } = decide(state);
    // A refusal is a use too, so that a flood of other keys does not push out one that is under attack.
    remember(key, next ?? state);
    return result;
  }

  async function changeShared<R>(key: string, decide: (state: S | undefined) => Decision<S, R>): Promise<R> {
    for (let race = 0; race < MOST_RACES; race += 1) {
      const { value, revision } = await bucket.get(key);
      // What cannot be read counts as nothing: it must not refuse anybody for ever.
      const state = schema.safeParse(value).data;
      const { next, result } = decide(state);
      if (next === undefined || (await bucket.replace(key, next, revision))) {
        remember(key, next ?? state);
        return result;
      }
    }
    throw new Error(`${MOST_RACES} races for one key lost`);
  }

  return {
    change: (key, decide) =>
      inTurn(key, async () => {
        if (!watch.isWorthAsking()) return changeLocally(key, decide);
        try {
          const result = await changeShared(key, decide);
          watch.answered();
          return result;
        } catch (err) {
          watch.failed(err);
          return changeLocally(key, decide);
        }
      }),

    forget: (key) =>
      inTurn(key, async () => {
        local.forget(key);
        if (!watch.isWorthAsking()) return;
        try {
          await bucket.remove(key);
          watch.answered();
        } catch (err) {
          watch.failed(err);
        }
      }),
  };
}
