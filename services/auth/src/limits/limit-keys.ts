import { createHmac } from 'node:crypto';
import { deriveSecret } from '../tokens/signing-keys.ts';

const KEY_BYTES = 32;

/** The key under which a limit counts somebody: a digest, so that no address stands in the bucket. */
export type LimitKeys = (limit: string, subject: string) => string;

/** @param secret the same in all replicas; with another one all counts begin anew */
export function createLimitKeys(secret: string): LimitKeys {
  const key = deriveSecret(secret, 'quartet limit keys 1', KEY_BYTES);
  return (limit, subject) =>
    `${limit}.${createHmac('sha256', key).update(`${limit}\n${subject}`, 'utf8').digest('base64url')}`;
}
