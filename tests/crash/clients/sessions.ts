import * as z from 'zod';
import type { Model } from '../checks/model.ts';
import type { Sent } from './send.ts';

export type Holder = {
  token: string | undefined;
  /** A new password, a logout or a loss of the broker has ended these tokens. */
  formerTokens: string[];
};

const claims = z.object({ iat: z.number() });

/** The token's time is in whole seconds, rounded down, so the result is too. */
export function issuedAtMs(token: string): number {
  const [, payload = ''] = token.split('.');
  return claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).iat * 1_000;
}

/** Drops a session that was refused without a logout; the check decides whether a loss excuses it. */
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
  // Another request of the same user may have logged in again.
  if (holder.token === token) holder.token = undefined;
  return true;
}
