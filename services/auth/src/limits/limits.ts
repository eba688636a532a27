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
  email: string;
  /** A session counts separately, so that an attack on the login does not stop the owner. */
  bySession?: boolean;
  address: string;
  gone: AbortSignal;
  onGuessing: (failures: number) => Promise<void>;
};

/** Limits reject with `too-many`. All spellings of an e-mail address count as one mailbox. */
export type Limits = {
  signUp(address: string): Promise<void>;
  recovery(email: string, address: string): Promise<void>;
  /** A change may send an e-mail, and its answer shows whether an address is taken. */
  accountChange(userId: string, address: string): Promise<void>;
  undo(address: string): Promise<void>;
  /** `sessionId` is undefined for a token that this installation has not written. */
  refresh(sessionId: string | undefined, address: string): Promise<void>;
  /** `compare` returns what the right password opens, or undefined. */
  login<T>(attempt: LoginAttempt, compare: () => Promise<T | undefined>): Promise<T | undefined>;
  passwordSet(email: string): Promise<void>;
  /** The caller at this address owns the account: an attack from elsewhere does not affect it. */
  ownerIsAt(email: string, address: string): Promise<void>;
  isLocal(): boolean;
  endWaits(): void;
};

/** This many logins of one network may wait for a slot or a hash. */
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
  const refreshesPerSession = rateLimit('refreshes_per_session', rules.refreshesPerSession);
  const refreshesPerAddress = rateLimit('refreshes_per_address', rules.refreshesPerAddress);
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
    // No typed text has a NUL in it, so a login cannot count as an attempt by a session.
    const account = bySession ? `session\0${normalizeEmail(email)}` : normalizeEmail(email);
    // An attempt counts before it fails, so that many at once cannot exceed the limit. It is given back when no password was
    // compared; after a 429 it is not.
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
      // The user comes first: one busy user must not use up what others have at the same address.
      await changesPerUser.take(userId);
      await changesPerAddress.take(networkOf(address));
    },

    undo: (address) => undos.take(networkOf(address)),
    async refresh(sessionId, address) {
      // The session comes first: one busy client must not use up what others have at the same address.
      if (sessionId !== undefined) await refreshesPerSession.take(sessionId);
      await refreshesPerAddress.take(networkOf(address));
    },

    login: (given, compare) =>
      loginsInFlight(networkOf(given.address), () => logIn(given, networkOf(given.address), compare)),

    passwordSet: (email) => throttle.forget(normalizeEmail(email)),
    ownerIsAt: (email, address) => throttle.ownerIsIn(normalizeEmail(email), networkOf(address)),
    isLocal: breaker.isOpen,
    endWaits: () => ending.abort(),
  };
}

const isTooMany = (err: unknown): boolean => err instanceof AppError && err.fault === 'too-many';

export const noLimits: Limits = {
  signUp: async () => undefined,
  recovery: async () => undefined,
  accountChange: async () => undefined,
  undo: async () => undefined,
  refresh: async () => undefined,
  login: (_attempt, compare) => compare(),
  passwordSet: async () => undefined,
  ownerIsAt: async () => undefined,
  isLocal: () => false,
  endWaits: () => undefined,
};
