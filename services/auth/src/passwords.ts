import { createHmac, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createGate } from '@quartet/common/gate.ts';
import bcrypt from 'bcrypt';

/** Hashes and verifies off the event loop, at most one a core at a time. */
export type Passwords = {
  hash(password: string): Promise<string>;
  verify(password: string, hashed: string): Promise<boolean>;
  /** Spends the time of a `verify` on nothing: what a login of an unknown address costs. */
  verifyNothing(password: string): Promise<void>;
};

/**
 * @param rounds bcrypt's cost, its logarithm to base 2
 */
export async function createPasswords(rounds: number): Promise<Passwords> {
  // libuv has four threads; with all of them hashing, name look-ups and file access would wait in line.
  const gate = createGate(Math.max(1, Math.min(availableParallelism(), 3)));
  const hash = (password: string) => gate(() => bcrypt.hash(digest(password), rounds));
  const verify = (password: string, hashed: string) => gate(() => bcrypt.compare(digest(password), hashed));
  const nobody = await hash(randomBytes(16).toString('hex'));
  return { hash, verify, verifyNothing: async (password) => void (await verify(password, nobody)) };
}

/**
 * bcrypt reads 72 bytes and stops at a NUL, so it is given a digest of all bytes in 64 base64 characters.
 * The fixed key keeps unsalted SHA digests leaked elsewhere from being tried here directly.
 */
function digest(password: string): string {
  return createHmac('sha384', 'quartet password 1').update(password, 'utf8').digest('base64');
}
