import { createHmac } from 'node:crypto';
import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import type { LimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import type * as z from 'zod';
import { deriveSecret } from '../tokens/signing-keys.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';

/** The key under which a limit counts a subject: a digest, so that no address stands in the bucket. */
export type LimitKeys = (limit: string, subject: string) => string;

const KEY_BYTES = 32;

/** @param secret the same in all replicas; with another one all counts start at nothing */
export function createLimitKeys(secret: string): LimitKeys {
  const key = deriveSecret(secret, 'quartet limit keys 1', KEY_BYTES);
  return (limit, subject) =>
    `${limit}.${createHmac('sha256', key).update(`${limit}\n${subject}`, 'utf8').digest('base64url')}`;
}

/** The state to write, or nothing to write when `next` is undefined. */
export type Decision<S, R> = { next?: S | undefined; result: R };

/** States by key, which all replicas share; while the broker is away, each replica has its own. */
export type StateStore<S> = {
  /** Reads, decides and writes as one step; `decide` may be called several times. Never rejects because of the broker. */
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
  // Also written while the broker is there, so that a process that loses it continues with what it knows.
  const local = createLocalStates<S>(MOST_LOCAL, lifeMs);
  // Changes of one key in one process would only lose races against each other.
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
      // An unreadable state counts as none, or its subject would be refused for good.
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
      inTurn(key, () =>
        breaker.run(
          () => changeShared(key, decide),
          () => changeLocally(key, decide),
        ),
      ),
    forget: (key) =>
      inTurn(key, () => {
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

/** Holds `most` states for `lifeMs`. The least recently used leave first, so a flood of new keys keeps one under attack. */
export function createLocalStates<S>(most: number, lifeMs: number): LocalStates<S> {
  // A Map keeps the order in which keys were set: the oldest come first.
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
