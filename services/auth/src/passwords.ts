import { createHmac, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { unavailable } from '@quartet/common/errors.ts';
import { createGate } from '@quartet/common/gate.ts';
import bcrypt from 'bcrypt';

const MOST_WAITING = 200;
const RETRY_AFTER_SECONDS = 5;

/** Hashes and verifies off the event loop, at most one a core at a time; throws `unavailable` when too many wait. */
export type Passwords = {
  hash(password: string): Promise<string>;
  verify(password: string, hashed: string): Promise<boolean>;
  /** Spends the time of a `verify` on nothing: what a login of an unknown address costs. */
  verifyNothing(password: string): Promise<void>;
  /** How many wait for their turn. */
  waiting(): number;
};

/**
 * @param rounds bcrypt's cost, its logarithm to base 2
 */
export async function createPasswords(rounds: number): Promise<Passwords> {
  // libuv has four threads; with all of them hashing, name look-ups and file access would wait in line.
  const gate = createGate(Math.max(1, Math.min(availableParallelism(), 3)));
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    // Whoever would wait longer than the gateway does is told so now, rather than hashed for in vain.
    if (gate.waiting() >= MOST_WAITING) throw unavailable('Service unavailable', RETRY_AFTER_SECONDS);
    return gate(work);
  };
  const hash = async (password: string) => inLine(() => bcrypt.hash(digest(password), rounds));
  const verify = async (password: string, hashed: string) =>
    inLine(async () => {
      const given = digest(password);
      const fits = await bcrypt.compare(given, hashed);
      // A hash from when the cost was lower is quicker, and would tell a known address from an unknown one: costs c,
      // c + 1 ... up to the last below today's add up to today's.
      for (let cost = bcrypt.getRounds(hashed); cost < rounds; cost += 1) await bcrypt.hash(given, cost);
      return fits;
    });
  const nobody = await hash(randomBytes(16).toString('hex'));
  return {
    hash,
    verify,
    verifyNothing: async (password) => void (await verify(password, nobody)),
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
