import { AppError } from '@quartet/common/errors.ts';
import type { LimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import { networkOf } from '@quartet/common/http/caller-address.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import * as z from 'zod';
import type { Background } from '../background.ts';
import type { Clock } from '../clock.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createInFlightLimit } from './keyed-semaphore.ts';
import { type LimitRules, longestLifeMs } from './limit-settings.ts';
import { attempts } from './login-pause.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { createRateLimit, type Rate } from './rate-limit.ts';
import { createStateStore, type LimitKeys } from './state-store.ts';

export type LoginAttempt = {
  /** As typed or as stored, whether or not a user has it. */
  email: string;
  /** Made with a session: counted separately, so that an attack on the login does not keep the owner from a new password. */
  bySession?: boolean;
  address: string;
  gone: AbortSignal;
  /** Called with each failure from the one that slows the account down. No answer waits for it. */
  onGuessing: (failures: number) => Promise<void>;
};

/** Refuses callers who ask too often, with `too-many`. E-mail addresses count by their mailbox, however they are spelled. */
export type Limits = {
  signUp(address: string): Promise<void>;
  recovery(email: string, address: string): Promise<void>;
  /** A new address or password that a session asks for: both may send an e-mail, and the answer shows whether an address is taken. */
  accountChange(userId: string, address: string): Promise<void>;
  undo(address: string): Promise<void>;
  /** @param compare gives what the right password opens, or undefined; it is called in the attempt's slot */
  login<T>(attempt: LoginAttempt, compare: () => Promise<T | undefined>): Promise<T | undefined>;
  /** The account of this address has a new password: earlier failures do not count. */
  passwordSet(email: string): Promise<void>;
  /** The caller at this network address has proved to own the account: an attack from elsewhere does not slow them down. */
  ownerIsAt(email: string, address: string): Promise<void>;
  isLocal(): boolean;
  endWaits(): void;
};

/** Of one network: each may wait for its slot, and then for its hash. */
const LOGINS_IN_FLIGHT = 100;
const RETRY_AFTER_SECONDS = 5;

export function createLimits(options: {
  rules: LimitRules;
  bucket: LimitBucket;
  keyOf: LimitKeys;
  clock: Clock;
  log: Log;
  background: Background;
  refused: (limit: string) => void;
}): Limits {
  const { rules, bucket, keyOf, clock, log, background, refused } = options;
  const ending = new AbortController();
  const breaker = createCircuitBreaker(bucket, log);
  const shared = { bucket, breaker, lifeMs: longestLifeMs(rules), now: clock.now };
  const parts = { states: createStateStore({ ...shared, schema: z.number() }), keyOf, clock, refused };
  const rateLimit = (name: string, rate: Rate) => createRateLimit(name, rate, parts);

  const loginsInFlight = createInFlightLimit(LOGINS_IN_FLIGHT, RETRY_AFTER_SECONDS);
  const loginFailures = rateLimit('login_failures_per_address', rules.loginFailuresPerAddress);
  const signups = rateLimit('signups_per_address', rules.signupsPerAddress);
  const recoveriesPerEmail = rateLimit('recoveries_per_email', rules.recoveriesPerEmail);
  const recoveriesPerAddress = rateLimit('recoveries_per_address', rules.recoveriesPerAddress);
  const changesPerUser = rateLimit('account_changes_per_user', rules.accountChangesPerUser);
  const changesPerAddress = rateLimit('account_changes_per_address', rules.accountChangesPerAddress);
  const undos = rateLimit('undos_per_address', rules.undosPerAddress);
  const throttle = createLoginThrottle(rules.loginThrottle, {
    ...parts,
    states: createStateStore({ ...shared, schema: attempts }),
    ending: ending.signal,
    inBackground: background.run,
  });

  async function logIn<T>(
    { email, bySession, gone, onGuessing }: LoginAttempt,
    network: string,
    compare: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const account = bySession ? `${normalizeEmail(email)} by a session` : normalizeEmail(email);
    // Taken before it is known to fail, so that many at once cannot slip through, and given back when no password was
    // compared. What the throttle refuses stays taken: callers who go on after a 429 are whom this limit is for.
    await loginFailures.take(network);
    const attempt = throttle.attempt({ email: account, network, gone }, compare);
    const { found, failures } = await attempt.catch((err: unknown) => {
      if (!isTooMany(err)) background.run(loginFailures.giveBack(network));
      throw err;
    });
    if (found !== undefined) background.run(loginFailures.giveBack(network));
    else if (failures >= rules.loginThrottle.freeAttempts) background.run(onGuessing(failures));
    return found;
  }

  return {
    signUp: (address) => signups.take(networkOf(address)),

    async recovery(email, address) {
      await recoveriesPerAddress.take(networkOf(address));
      await recoveriesPerEmail.take(normalizeEmail(email));
    },

    async accountChange(userId, address) {
      // The user comes first: one who asks too often must not use up what others have at the same address.
      await changesPerUser.take(userId);
      await changesPerAddress.take(networkOf(address));
    },

    undo: (address) => undos.take(networkOf(address)),

    login: (given, compare) =>
      loginsInFlight(networkOf(given.address), () => logIn(given, networkOf(given.address), compare)),

    passwordSet: (email) => throttle.forget(normalizeEmail(email)),
    ownerIsAt: (email, address) => throttle.ownerIsIn(normalizeEmail(email), networkOf(address)),
    isLocal: breaker.isOpen,
    endWaits: () => ending.abort(),
  };
}

const isTooMany = (err: unknown): boolean => err instanceof AppError && err.fault === 'too-many';

/** With `RATE_LIMITS=off`. */
export const noLimits: Limits = {
  signUp: async () => undefined,
  recovery: async () => undefined,
  accountChange: async () => undefined,
  undo: async () => undefined,
  login: (_attempt, compare) => compare(),
  passwordSet: async () => undefined,
  ownerIsAt: async () => undefined,
  isLocal: () => false,
  endWaits: () => undefined,
};
