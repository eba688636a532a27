import { createHmac, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createFairSemaphore } from '@quartet/common/concurrency/fair-semaphore.ts';
import { unavailable } from '@quartet/common/errors.ts';
import bcrypt from 'bcrypt';
import { lowerWorkerThreads } from './yielding-threads.ts';

/** Of one network: so few that the last is hashed before the gateway's time limit. */
const MOST_WAITING_OF_ONE = 100;
const MOST_WAITING = 200;
const RETRY_AFTER_SECONDS = 5;

/** Who asks for a hash. Networks take turns, and within a network accounts, whether or not they exist. */
export type HashTurn = {
  /** The caller's; a larger IPv6 prefix than limits use. */
  network: string;
  /** An address or an id. */
  account: string;
  gone?: AbortSignal;
};

/**
 * Hashes and verifies off the event loop, at most one a core at a time. A call rejects with `unavailable` when too many wait,
 * and with its signal's reason when the caller has gone.
 */
export type Passwords = {
  hash(password: string, turn: HashTurn): Promise<string>;
  verify(password: string, hashed: string, turn: HashTurn): Promise<boolean>;
  /** Spends the time of a `verify` on nothing: what a login of an unknown address costs. */
  verifyNothing(password: string, turn: HashTurn): Promise<void>;
  /** How many calls wait. */
  waiting(): number;
};

/** For work that no request waits for. */
export const ownTurn: HashTurn = { network: '', account: '' };

/**
 * @param rounds bcrypt's cost, its logarithm to base 2
 */
export async function createPasswords(rounds: number): Promise<Passwords> {
  // libuv has four threads, which name look-ups and file access need too.
  const atOnce = Math.max(1, Math.min(availableParallelism(), 3));
  const bounds = { ofGroup: MOST_WAITING_OF_ONE, inAll: MOST_WAITING };
  const semaphore = createFairSemaphore(atOnce, bounds, () =>
    unavailable('Service unavailable', RETRY_AFTER_SECONDS),
  );
  const inTurn = <T>({ network, account, ...rest }: HashTurn, work: () => Promise<T>): Promise<T> =>
    semaphore({ group: network, member: account, ...rest }, work);
  const hash = (password: string, turn: HashTurn) =>
    inTurn(turn, () => bcrypt.hash(digest(password), rounds));
  const verify = (password: string, hashed: string, turn: HashTurn) =>
    inTurn(turn, async () => {
      const given = digest(password);
      const fits = await bcrypt.compare(given, hashed);
      // A hash of a lower cost c is quicker, and would show that an address is known: the costs c, c + 1 ... below today's
      // add up to the difference.
      for (let cost = bcrypt.getRounds(hashed); cost < rounds; cost += 1) await bcrypt.hash(given, cost);
      return fits;
    });
  const nobody = await hash(randomBytes(16).toString('hex'), ownTurn);
  // A flood of logins must not take the cores from requests that need a millisecond.
  lowerWorkerThreads();
  return {
    hash,
    verify,
    verifyNothing: async (password, turn) => void (await verify(password, nobody, turn)),
    waiting: semaphore.waiting,
  };
}

/**
 * bcrypt reads 72 bytes and stops at a NUL, so it is given a digest of all bytes in 64 base64 characters.
 * The fixed key keeps unsalted SHA digests leaked elsewhere from being tried here directly.
 */
function digest(password: string): string {
  return createHmac('sha384', 'quartet password 1').update(password, 'utf8').digest('base64');
}
