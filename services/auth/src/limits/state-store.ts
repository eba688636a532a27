import { createHmac } from 'node:crypto';
import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import type { LimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import type * as z from 'zod';
import { deriveSecret } from '../tokens/signing-keys.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';

/** The key is a digest, so that the bucket contains no address. */
export type LimitKeys = (limit: string, subject: string) => string;

const KEY_BYTES = 32;

/** All replicas need the same secret; another secret resets all counts. */
export function createLimitKeys(secret: string): LimitKeys {
  const key = deriveSecret(secret, 'quartet limit keys 1', KEY_BYTES);
  return (limit, subject) =>
    `${limit}.${createHmac('sha256', key).update(`${limit}\n${subject}`, 'utf8').digest('base64url')}`;
}

/** Nothing is written when `next` is undefined. */
export type Decision<S, R> = { next?: S | undefined; result: R };

/** Replicas share the states; while the broker is away, each replica has its own. */
export type StateStore<S> = {
  /** `decide` may run several times. A failure of the broker does not reject the call. */
  change<R>(key: string, decide: (state: S | undefined) => Decision<S, R>): Promise<R>;
  forget(key: string): Promise<void>;
};

const MOST_LOCAL = 50_000;
/** Every lost race means that another replica's write succeeded. */
const MOST_RACES = 50;

export function createStateStore<S>(options: {
  bucket: LimitBucket;
  breaker: CircuitBreaker;
  schema: z.ZodType<S>;
  lifeMs: number;
  now: () => number;
}): StateStore<S> {
  const { bucket, breaker, schema, lifeMs, now } = options;
  // Local states are always written, so that a process that loses the broker continues with them.
  const local = createLocalStates<S>(MOST_LOCAL, lifeMs);
  // Changes of one key in one process would only lose races against each other.
  const queue = createKeyedQueue();

  const remember = (key: string, state: S | undefined): void => {
    if (state === undefined) local.forget(key);
    else local.set(key, state, now());
  };

  function changeLocally<R>(key: string, decide: (state: S | undefined) => Decision<S, R>): R {
    const state = local.get(key);
    const { next, result } = decide(state);
    // A refusal is a use too, so that a flood of other keys does not remove a key under attack.
    remember(key, next ?? state);
    return result;
  }

  async function changeShared<R>(key: string, decide: (state: S | undefined) => Decision<S, R>): Promise<R> {
    for (let race = 0; race < MOST_RACES; race += 1) {
      const { value, revision } = await bucket.get(key);
      // An unreadable state counts as none; otherwise its subject would be refused for ever.
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
      queue(key, () =>
        breaker.run(
          () => changeShared(key, decide),
          () => changeLocally(key, decide),
        ),
      ),
    forget: (key) =>
      queue(key, () => {
        local.forget(key);
        return breaker.run(
          () => bucket.remove(key),
          () => undefined,
        );
      }),
  };
}

export type LocalStates<S> = {
  get(key: string): S | undefined;
  set(key: string, state: S, now: number): void;
  forget(key: string): void;
  size(): number;
};

/** The least recently used states leave first, so that a flood of new keys keeps one under attack. */
export function createLocalStates<S>(most: number, lifeMs: number): LocalStates<S> {
  const states = new Map<string, { state: S; setAt: number }>();
  const dropOld = (now: number): void => {
    for (const [key, { setAt }] of states) {
      if (states.size <= most && now - setAt < lifeMs) return;
      states.delete(key);
    }
  };
  return {
    get: (key) => states.get(key)?.state,
    set(key, state, now) {
      states.delete(key);
      states.set(key, { state, setAt: now });
      dropOld(now);
    },
    forget: (key) => void states.delete(key),
    size: () => states.size,
  };
}
