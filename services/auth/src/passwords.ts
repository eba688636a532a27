import { createHmac, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createFairSemaphore } from '@quartet/common/concurrency/fair-semaphore.ts';
import { unavailable } from '@quartet/common/errors.ts';
import bcrypt from 'bcrypt';
import { lowerWorkerThreads } from './yielding-threads.ts';

/** Of one network: what of a flood is hashed then has not waited as long as the gateway does. */
const MOST_WAITING_OF_ONE = 100;
const MOST_WAITING = 200;
const RETRY_AFTER_SECONDS = 5;

/** Who wants a hash. Networks take turns, and in each of them accounts; whether an account exists makes no difference. */
export type HashTurn = {
  /** The caller's; of IPv6 more than limits count as one. */
  network: string;
  /** Whatever tells accounts apart: an address, an id. */
  account: string;
  gone?: AbortSignal;
};

/**
 * Hashes and verifies off the event loop, at most one a core at a time. Whoever may not wait for a turn is told so at once
 * (`unavailable`); one that has gone before its turn rejects with its signal's reason.
 */
export type Passwords = {
  hash(password: string, turn: HashTurn): Promise<string>;
  verify(password: string, hashed: string, turn: HashTurn): Promise<boolean>;
  /** Spends the time of a `verify` on nothing: what a login of an unknown address costs. */
  verifyNothing(password: string, turn: HashTurn): Promise<void>;
  /** How many wait for their turn. */
  waiting(): number;
};

/** For what no request waits for. */
export const ownTurn: HashTurn = { network: '', account: '' };

/**
 * @param rounds bcrypt's cost, its logarithm to base 2
 */
export async function createPasswords(rounds: number): Promise<Passwords> {
  // libuv has four threads; with all of them hashing, name look-ups and file access would wait in line.
  const atOnce = Math.max(1, Math.min(availableParallelism(), 3));
  const bounds = { ofGroup: MOST_WAITING_OF_ONE, inAll: MOST_WAITING };
  const gate = createFairSemaphore(atOnce, bounds, () =>
    unavailable('Service unavailable', RETRY_AFTER_SECONDS),
  );
  const inTurn = <T>({ network, account, ...rest }: HashTurn, work: () => Promise<T>): Promise<T> =>
    gate({ group: network, member: account, ...rest }, work);
  const hash = (password: string, turn: HashTurn) =>
    inTurn(turn, () => bcrypt.hash(digest(password), rounds));
  const verify = (password: string, hashed: string, turn: HashTurn) =>
    inTurn(turn, async () => {
      const given = digest(password);
      const fits = await bcrypt.compare(given, hashed);
      // A hash from when the cost was lower is quicker, and would tell a known address from an unknown one: costs c,
      // c + 1 ... up to the last below today's add up to today's.
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
    waiting: gate.waiting,
  };
}

/**
 * bcrypt reads 72 bytes and stops at a NUL, so it is given a digest of all bytes in 64 base64 characters.
 * The fixed key keeps unsalted SHA digests leaked elsewhere from being tried here directly.
 */
function digest(password: string): string {
  return createHmac('sha384', 'quartet password 1').update(password, 'utf8').digest('base64');
}
