import * as z from 'zod';
import type { Model } from '../checks/model.ts';
import type { Sent } from './send.ts';

/** Who is logged in, or may log in again. */
export type Holder = {
  token: string | undefined;
  /** Tokens that a new password, a logout or a loss of the broker has ended: nothing may take them any more. */
  formerTokens: string[];
};

const claims = z.object({ iat: z.number() });

/** When a token was made, in milliseconds since the epoch; it tells that in whole seconds, rounded down. */
export function issuedAtMs(token: string): number {
  const [, payload = ''] = token.split('.');
  return claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).iat * 1_000;
}

/**
 * Lets go of a session that was refused though nobody ended it, and notes that: a broker that has lost the revocations
 * is a reason to, which the check looks at.
 * @param token of the request that was refused
 * @returns whether this was why it was refused
 */
export function dropEnded(
  model: Model,
  holder: Holder,
  token: string | undefined,
  { status, text }: Extract<Sent, { kind: 'refused' }>,
  what: string,
): boolean {
  if (token === undefined || status !== 403 || !text.includes('Could not validate credentials')) return false;
  model.endedEarly.push({ what, issuedAtMs: issuedAtMs(token), atMs: Date.now() });
  if (!holder.formerTokens.includes(token)) holder.formerTokens.push(token);
  // Another request of the same holder may have logged in anew.
  if (holder.token === token) holder.token = undefined;
  return true;
}
