import { AppError } from '@quartet/common/errors.ts';
import type { LimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import { networkOf } from '@quartet/common/http/caller-address.ts';
import { normalizeEmail } from '@quartet/common/http/input/email-address.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import * as z from 'zod';
import type { Background } from '../background.ts';
import { createBucketWatch } from './bucket-watch.ts';
import type { Clock } from './clock.ts';
import { createInHand } from './in-hand.ts';
import type { LimitKeys } from './limit-keys.ts';
import { type LimitRules, longestLifeMs } from './limit-settings.ts';
import { createLoginLine } from './login-line.ts';
import { createSharedStates } from './shared-states.ts';
import { attempts } from './slow-down.ts';
import { createWindowLimit } from './window-limit.ts';

/** Somebody tries a password. */
export type LoginAttempt = {
  /** As somebody typed it or as it is stored, whether or not a user has it. */
  email: string;
  /** By who has a session: in a line of its own, so that an attack on the login does not keep the owner from a new password. */
  bySession?: boolean;
  address: string;
  gone: AbortSignal;
  /** Called when the account has as many failures as slow it down, and with every one after. Nobody waits for it. */
  onGuessing: (failures: number) => Promise<void>;
};

/** What auth refuses to those who ask too often; all of it throws `too-many`. Whatever spelling of an address it gets, it counts mailboxes. */
export type Limits = {
  signUp(address: string): Promise<void>;
  recovery(email: string, address: string): Promise<void>;
  /** A new address or password that a session asks for: either may have an e-mail sent, and a taken address is told. */
  accountChange(userId: string, address: string): Promise<void>;
  undo(address: string): Promise<void>;
  /** @param compare gives what the right password opens, or undefined; it is called when the attempt's turn has come */
  login<T>(attempt: LoginAttempt, compare: () => Promise<T | undefined>): Promise<T | undefined>;
  /** The account of this address has a new password: failures before it do not count. */
  passwordSet(email: string): Promise<void>;
  /** Whoever is at this network address has just proved to own the account: an attack from elsewhere does not slow them. */
  ownerIsAt(email: string, address: string): Promise<void>;
  /** Whether this process counts by itself, the broker being away. */
  isLocal(): boolean;
  /** Requests that wait for their turn end now. */
  endWaits(): void;
};

/** Of one network: each may wait for its account's turn, and then for its hash. */
const LOGINS_IN_HAND = 100;
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
  const watch = createBucketWatch(bucket, log);
  const shared = { bucket, watch, lifeMs: longestLifeMs(rules), now: clock.now };
  const windows = createSharedStates({ ...shared, schema: z.number() });
  const parts = { states: windows, keyOf, clock, refused };

  const loginsInHand = createInHand(LOGINS_IN_HAND, RETRY_AFTER_SECONDS);
  const loginFailures = createWindowLimit('login_failures_per_address', rules.loginFailuresPerAddress, parts);
  const signups = createWindowLimit('signups_per_address', rules.signupsPerAddress, parts);
  const recoveriesPerEmail = createWindowLimit('recoveries_per_email', rules.recoveriesPerEmail, parts);
  const recoveriesPerAddress = createWindowLimit('recoveries_per_address', rules.recoveriesPerAddress, parts);
  const changesPerUser = createWindowLimit('account_changes_per_user', rules.accountChangesPerUser, parts);
  const changesPerAddress = createWindowLimit(
    'account_changes_per_address',
    rules.accountChangesPerAddress,
    parts,
  );
  const undos = createWindowLimit('undos_per_address', rules.undosPerAddress, parts);
  const accounts = createLoginLine(rules.slowDown, {
    ...parts,
    states: createSharedStates({ ...shared, schema: attempts }),
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
    // compared. Only what the account's line refuses stays taken: whoever goes on there is whom this limit is for.
    await loginFailures.take(network);
    const attempt = accounts.attempt({ email: account, network, gone }, compare);
    const { found, failures } = await attempt.catch((err: unknown) => {
      if (!isTooMany(err)) background.run(loginFailures.giveBack(network));
      throw err;
    });
    if (found !== undefined) background.run(loginFailures.giveBack(network));
    else if (failures >= rules.slowDown.freeAttempts) background.run(onGuessing(failures));
    return found;
  }

  return {
    signUp: (address) => signups.take(networkOf(address)),

    async recovery(email, address) {
      await recoveriesPerAddress.take(networkOf(address));
      await recoveriesPerEmail.take(normalizeEmail(email));
    },

    async accountChange(userId, address) {
      // One user who asks too often does not use up what others have at the same address.
      await changesPerUser.take(userId);
      await changesPerAddress.take(networkOf(address));
    },

    undo: (address) => undos.take(networkOf(address)),

    login: (given, compare) =>
      loginsInHand(networkOf(given.address), () => logIn(given, networkOf(given.address), compare)),

    passwordSet: (email) => accounts.forget(normalizeEmail(email)),
    ownerIsAt: (email, address) => accounts.ownerIsIn(normalizeEmail(email), networkOf(address)),
    isLocal: watch.isLocal,
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
