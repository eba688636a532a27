import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SigningKey } from '../tokens/signing-keys.ts';

/** `generation` counts the tokens of the session before this one; `secret` has 256 bits. */
export type RefreshToken = { sessionId: string; generation: number; secret: Buffer };

export type RefreshTokens = {
  write(token: RefreshToken): string;
  /** Returns undefined for a text that this installation has not written. */
  read(text: string): RefreshToken | undefined;
};

// Together they are a multiple of 3, so base64url has one spelling for each token.
const ID_BYTES = 12;
const GENERATION_BYTES = 4;
const SECRET_BYTES = 32;
const SEAL_BYTES = 15;
const SEALED_BYTES = ID_BYTES + GENERATION_BYTES + SECRET_BYTES;
const LENGTH = ((SEALED_BYTES + SEAL_BYTES) / 3) * 4;
const FORM = /^[\w-]+$/;

/** A token is sealed, so that a forged one costs no query, and a used one is recognized however old it is. */
export function createRefreshTokens(
  keys: readonly [SigningKey, ...SigningKey[]],
  isRolledOut: () => boolean,
): RefreshTokens {
  const [current, previous = current] = keys;
  return {
    write(token) {
      const bytes = sealed(token);
      const key = isRolledOut() ? current : previous;
      return Buffer.concat([bytes, seal(key, bytes)]).toString('base64url');
    },
    read(text) {
      if (text.length !== LENGTH || !FORM.test(text)) return undefined;
      const all = Buffer.from(text, 'base64url');
      const bytes = all.subarray(0, SEALED_BYTES);
      const given = all.subarray(SEALED_BYTES);
      if (!keys.some((key) => timingSafeEqual(seal(key, bytes), given))) return undefined;
      return {
        sessionId: bytes.toString('hex', 0, ID_BYTES),
        generation: bytes.readUInt32BE(ID_BYTES),
        secret: bytes.subarray(ID_BYTES + GENERATION_BYTES),
      };
    },
  };
}

export const firstToken = (sessionId: string): RefreshToken => ({
  sessionId,
  generation: 0,
  secret: randomBytes(SECRET_BYTES),
});

export const newSalt = (): string => randomBytes(SECRET_BYTES).toString('base64');

/**
 * The same token and salt give the same successor, so that one who asks twice gets the same answer, and the database has
 * neither of the two. No key is in it: while SECRET_KEY is rotated, replicas sign with different ones.
 */
export const successorOf = ({ sessionId, generation, secret }: RefreshToken, salt: string): RefreshToken => ({
  sessionId,
  generation: generation + 1,
  secret: createHmac('sha256', Buffer.from(salt, 'base64')).update(secret).digest(),
});

export const digestOf = (token: RefreshToken): string =>
  createHash('sha256').update(sealed(token)).digest('base64');

/** Compares in constant time. */
export const hasDigest = (token: RefreshToken, digest: string): boolean => {
  const [own, given] = [Buffer.from(digestOf(token)), Buffer.from(digest)];
  return own.length === given.length && timingSafeEqual(own, given);
};

function sealed({ sessionId, generation, secret }: RefreshToken): Buffer {
  const count = Buffer.alloc(GENERATION_BYTES);
  count.writeUInt32BE(generation);
  return Buffer.concat([Buffer.from(sessionId, 'hex'), count, secret]);
}

const seal = ({ refreshKey }: SigningKey, bytes: Buffer): Buffer =>
  createHmac('sha256', refreshKey).update(bytes).digest().subarray(0, SEAL_BYTES);
