import { createHmac, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createFairSemaphore } from '@quartet/common/concurrency/fair-semaphore.ts';
import { unavailable } from '@quartet/common/errors.ts';
import bcrypt from 'bcrypt';
import { lowerWorkerThreads } from './yielding-threads.ts';

/** The last of these of one network is hashed before the gateway's time limit. */
const MOST_WAITING_OF_ONE = 100;
const MOST_WAITING = 200;
const RETRY_AFTER_SECONDS = 5;

/** Networks take turns, and so do accounts within a network, whether or not they exist. */
export type HashTurn = {
  /** The IPv6 prefix is larger than the one that limits use. */
  network: string;
  account: string;
  gone?: AbortSignal;
  /** Rejects a hash that has waited when its caller's session has ended meanwhile. */
  stillAllowed?: () => Promise<void>;
};

/** A call rejects with `unavailable` when too many wait, and with its signal's reason when it aborts. */
export type Passwords = {
  hash(password: string, turn: HashTurn): Promise<string>;
  verify(password: string, hashed: string, turn: HashTurn): Promise<boolean>;
  /** A login with an unknown address takes the time of a `verify`. */
  verifyNothing(password: string, turn: HashTurn): Promise<void>;
  waiting(): number;
};

export const ownTurn: HashTurn = { network: '', account: '' };

/** `rounds` is bcrypt's cost, its logarithm to base 2. */
export async function createPasswords(rounds: number): Promise<Passwords> {
  // Name look-ups and file access need some of libuv's four threads.
  const atOnce = Math.max(1, Math.min(availableParallelism(), 3));
  const bounds = { ofGroup: MOST_WAITING_OF_ONE, inAll: MOST_WAITING };
  const semaphore = createFairSemaphore(atOnce, bounds, () =>
    unavailable('Service unavailable', RETRY_AFTER_SECONDS),
  );
  const withSlot = <T>(
    { network, account, stillAllowed: _, ...rest }: HashTurn,
    work: () => Promise<T>,
  ): Promise<T> => semaphore({ group: network, member: account, ...rest }, work);
  const hash = async (password: string, turn: HashTurn) => {
    const hashed = await withSlot(turn, () => bcrypt.hash(digest(password), rounds));
    await turn.stillAllowed?.();
    return hashed;
  };
  const verify = (password: string, hashed: string, turn: HashTurn) =>
    withSlot(turn, async () => {
      const given = digest(password);
      const fits = await bcrypt.compare(given, hashed);
      // A lower cost is quicker and would show a known address: these costs add up to the difference.
      for (let cost = bcrypt.getRounds(hashed); cost < rounds; cost += 1) await bcrypt.hash(given, cost);
      return fits;
    });
  const unusedHash = await hash(randomBytes(16).toString('hex'), ownTurn);
  // A flood of logins must not take the cores from short requests.
  lowerWorkerThreads();
  return {
    hash,
    verify,
    verifyNothing: async (password, turn) => void (await verify(password, unusedHash, turn)),
    waiting: semaphore.waiting,
  };
}

/** bcrypt reads 72 bytes and stops at a NUL. The fixed key makes leaked SHA digests useless here. */
function digest(password: string): string {
  return createHmac('sha384', 'quartet password 1').update(password, 'utf8').digest('base64');
}
